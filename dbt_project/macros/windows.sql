-- Say that the newest delivery of a window came before it closed, so that more is to come.
{% macro is_delivered_early(received_at, time_zone, closes_on) -%}
    coalesce(
        timezone({{ time_zone }}, timezone('UTC', {{ received_at }})) < {{ closes_on }} + interval 1 day, false
    )
{%- endmacro %}

-- The quarter of an hour of an instant: where clocks are set, and where a day begins anywhere, one begins.
{% macro quarter_of(instant) -%}
    time_bucket(interval '15 minutes', {{ instant }})
{%- endmacro %}
