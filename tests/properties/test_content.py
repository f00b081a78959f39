"""Two purchases share a hash exactly when an approver would be shown the same."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from emplette.domain.commitments import Terms
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier, content, content_hash
from emplette.domain.money import Conversion, DualAmount, Money, TaxedAmount
from emplette.domain.suppliers import Supplier
from tests.fixtures.dossiers import CREATED, ONCE, YEARLY, attachment, committed

texts = st.text(st.sampled_from('ab", {}:[]\\\n\u00e9e\u0301\U0001f600'), max_size=4)
terms: st.SearchStrategy[Terms] = st.sampled_from([ONCE, YEARLY])
attachments = st.builds(attachment, st.integers(1, 2), texts, content=st.sampled_from([b"one", b"other"]))
suppliers = st.builds(Supplier, st.none() | st.integers(1, 3), texts, st.sampled_from(["FR", "BE"]))


@st.composite
def dossiers(draw: st.DrawFn) -> Dossier:
    purchase = replace(CREATED.purchase, title=draw(texts), supplier=draw(suppliers))
    coins = Money(draw(st.integers(0, 2)), EUR)
    amount = DualAmount.of(TaxedAmount(coins), Conversion.none(EUR))
    made = committed(Dossier(purchase), draw(terms), amount=amount)
    assume(made.commitment is not None)
    hung = draw(st.lists(attachments, max_size=2).map(tuple))
    commitment = (
        None if made.commitment is None else replace(made.commitment, comment=draw(st.none() | texts), attachments=hung)
    )
    return replace(made, commitment=commitment)


@given(dossiers(), dossiers())
def test_the_same_content_has_the_same_hash_and_other_content_another(one: Dossier, other: Dossier) -> None:
    assert (content_hash(one) == content_hash(other)) is (content(one) == content(other))
