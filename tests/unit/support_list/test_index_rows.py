from dataclasses import replace

from made_contents import made_contents

from absence_risk.support_list.page.index_rows import filters_of

CARDS = made_contents(6, (("1", "Ash"), ("2", "Ash"))).cards


def test_two_schools_of_one_name_are_two_choices() -> None:
    filters, answers = filters_of(CARDS)
    school = filters[0]
    assert [choice.words for choice in school.choices] == ["Ash", "Ash"]
    assert sum(choice.cards for choice in school.choices) == len(CARDS)
    by_school = {card.school_id: answers[card.review_ref].split()[0] for card in CARDS}
    assert by_school == {"1": "0", "2": "1"}


def test_there_is_no_filter_for_localities_where_no_school_has_one() -> None:
    assert [found.name for found in filters_of(CARDS)[0]] == ["school", "lead", "year", "involved"]
    some = (replace(CARDS[0], locality="North"), *CARDS[1:])
    locality = filters_of(some)[0][1]
    assert [choice.words for choice in locality.choices] == ["No locality", "North"]


def test_year_groups_stand_in_the_order_of_their_numbers() -> None:
    cards = tuple(replace(CARDS[0], review_ref=f"A-{n}", year_group=str(n)) for n in (10, 2, 9))
    year = next(found for found in filters_of(cards)[0] if found.name == "year")
    assert [choice.words for choice in year.choices] == ["Year 2", "Year 9", "Year 10"]


def test_each_card_answers_to_one_choice_of_every_filter() -> None:
    filters, answers = filters_of(CARDS)
    for values in answers.values():
        for found, value in zip(filters, values.split(), strict=True):
            assert value in {choice.value for choice in found.choices}
