-- Name the school that holds a review by its id, ``2027_q1.0104`` that of 0104; null of the district's.
{% macro school_of_review(review_id) -%}
    nullif(split_part({{ review_id }}, '.', 2), '')
{%- endmacro %}
