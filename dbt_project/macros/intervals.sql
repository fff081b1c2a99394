-- 97.5th percentile of the normal distribution: the half width of a 95 % interval in standard errors.
{% macro z_975() -%} 1.959963984540054 {%- endmacro %}

{#
97.5th percentile of Student's t: exact to ten digits up to 30 degrees of freedom, then Fisher's expansion in 1/df,
which is off by less than 1e-7 there.
#}
{% macro t_975(df) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set z3, z5, z7, z9 = z ** 3, z ** 5, z ** 7, z ** 9 -%}
    case
        when {{ df }} between 1 and 30
            then [
                {{ t_975_table() | join(', ') }}
            ][{{ df }}]
        when {{ df }} > 30
            then
                {{ z }} + {{ (z3 + z) / 4 }} / {{ df }}
                + {{ (5 * z5 + 16 * z3 + 3 * z) / 96 }} / pow({{ df }}, 2)
                + {{ (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384 }} / pow({{ df }}, 3)
                + {{ (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / 92160 }} / pow({{ df }}, 4)
    end
{%- endmacro %}

{% macro t_975_table() -%}
    {% do return([
        12.7062047362, 4.3026527297, 3.1824463053, 2.7764451052, 2.5705818356, 2.4469118511,
        2.3646242516, 2.3060041352, 2.2621571628, 2.2281388520, 2.2009851601, 2.1788128297,
        2.1603686565, 2.1447866879, 2.1314495456, 2.1199052992, 2.1098155778, 2.1009220402,
        2.0930240544, 2.0859634473, 2.0796138447, 2.0738730679, 2.0686576104, 2.0638985616,
        2.0595385528, 2.0555294386, 2.0518305165, 2.0484071418, 2.0452296421, 2.0422724563,
    ]) %}
{%- endmacro %}

-- Share of a finite population that was not drawn, as a factor on a variance; null where the population is unknown.
{% macro not_drawn(n_drawn, n_population) -%}
    (greatest({{ n_population }} - {{ n_drawn }}, 0) / nullif(cast({{ n_population }} - 1 as double), 0))
{%- endmacro %}

-- Ends of Wilson's 95 % interval of a share seen in n independent cases; null where n is, which greatest() would hide.
{% macro wilson_low(share, n) -%}
    if({{ n }} is null, null, greatest(0, ({{ wilson_middle(share, n) }} - {{ wilson_half(share, n) }})))
{%- endmacro %}

{% macro wilson_high(share, n) -%}
    if({{ n }} is null, null, least(1, ({{ wilson_middle(share, n) }} + {{ wilson_half(share, n) }})))
{%- endmacro %}

{% macro wilson_middle(share, n) -%}
    ({{ share }} + {{ z_975() }} * {{ z_975() }} / (2 * {{ n }})) / (1 + {{ z_975() }} * {{ z_975() }} / {{ n }})
{%- endmacro %}

{% macro wilson_half(share, n) -%}
    {{ z_975() }} * sqrt(
        {{ share }} * (1 - {{ share }}) / {{ n }}
        + {{ z_975() }} * {{ z_975() }} / (4 * cast({{ n }} as double) * {{ n }})
    ) / (1 + {{ z_975() }} * {{ z_975() }} / {{ n }})
{%- endmacro %}
