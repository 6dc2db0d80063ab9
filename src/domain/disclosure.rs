//! Who may see which part of a record: the only place that decides. Agreement AND consent AND purpose, else nothing.
//!
//! The database cuts rows by the same three (migration 03, `shared_categories`), so that a forgotten check leaks nothing; this module
//! cuts the fields of what is left. What may not be known answers as if it did not exist.

use super::ids::AuthorityId;
use super::person::Description;
use super::place::{Place, PlacePrecision};
use std::collections::BTreeSet;

crate::vocabulary! {
    /// A kind of data that a consent or an agreement covers.
    Category {
        /// That a record exists, its folio, kind and responsible authority.
        Existence => "existence",
        /// Names, sex, birth, nationality.
        Identity => "identity",
        /// Stature, build, hair, eyes, marks, clothing, belongings.
        Description => "description",
        /// Dates, places and the route.
        Circumstances => "circumstances",
        /// Teeth and medical findings.
        Health => "health",
        /// Telephone and document numbers.
        Identifiers => "identifiers",
        /// Who searches, and how to reach them.
        Contact => "contact",
    }
}

/// What one audience may see of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    categories: BTreeSet<Category>,
    place: PlacePrecision,
    own: bool,
}

impl Sight {
    /// The owner's staff see the whole record.
    #[must_use]
    pub fn owner() -> Self {
        Self { categories: Category::ALL.iter().copied().collect(), place: PlacePrecision::Gps, own: true }
    }

    /// Another authority sees what agreement, consent and purpose leave, places no finer than a municipality.
    #[must_use]
    pub fn partner(categories: impl IntoIterator<Item = Category>) -> Self {
        let mut categories: BTreeSet<Category> = categories.into_iter().collect();
        // Whatever else is covered, that the record exists is then known too; nothing covered leaves nothing.
        if !categories.is_empty() {
            categories.insert(Category::Existence);
        }
        Self { categories, place: PlacePrecision::Municipality, own: false }
    }

    /// Decides for a viewer: the owner sees all, another authority the shared categories.
    #[must_use]
    pub fn decide(owner: AuthorityId, viewer: AuthorityId, shared: impl IntoIterator<Item = Category>) -> Self {
        if owner == viewer { Self::owner() } else { Self::partner(shared) }
    }

    /// Whether a category may be seen.
    #[must_use]
    pub fn covers(&self, category: Category) -> bool {
        self.categories.contains(&category)
    }

    /// Whether everything that a compared field tells of may be seen.
    #[must_use]
    pub fn covers_field(&self, field: &str) -> bool {
        categories_of_field(field).iter().all(|category| self.covers(*category))
    }

    /// Whether anything at all may be known; when not, the answer is the same as for a record that does not exist.
    #[must_use]
    pub fn nothing(&self) -> bool {
        self.categories.is_empty()
    }

    /// Whether the viewer owns the record.
    #[must_use]
    pub const fn is_owner(&self) -> bool {
        self.own
    }

    /// The categories, in their order.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        self.categories.iter().copied().collect()
    }

    /// The description as this audience may see it.
    #[must_use]
    pub fn description(&self, whole: &Description) -> Description {
        if self.own {
            return whole.clone();
        }
        let mut seen = Description::default();
        if self.covers(Category::Identity) {
            seen.names.clone_from(&whole.names);
            seen.sex = whole.sex;
            seen.gender_identity.clone_from(&whole.gender_identity);
            seen.birth = whole.birth;
            seen.age_min = whole.age_min;
            seen.age_max = whole.age_max;
            seen.age_as_of = whole.age_as_of;
            seen.nationalities.clone_from(&whole.nationalities);
            seen.languages.clone_from(&whole.languages);
        }
        if self.covers(Category::Description) {
            seen.sex = whole.sex;
            seen.age_min = whole.age_min;
            seen.age_max = whole.age_max;
            seen.age_as_of = whole.age_as_of;
            seen.height_min_cm = whole.height_min_cm;
            seen.height_max_cm = whole.height_max_cm;
            seen.height_method.clone_from(&whole.height_method);
            seen.build.clone_from(&whole.build);
            seen.hair_color.clone_from(&whole.hair_color);
            seen.eye_color.clone_from(&whole.eye_color);
            seen.marks.clone_from(&whole.marks);
            seen.clothing.clone_from(&whole.clothing);
            seen.belongings.clone_from(&whole.belongings);
        }
        if self.covers(Category::Health) {
            seen.dental.clone_from(&whole.dental);
            seen.medical.clone_from(&whole.medical);
        }
        if self.covers(Category::Identifiers) {
            seen.phones.clone_from(&whole.phones);
            seen.documents.clone_from(&whole.documents);
        }
        if self.covers(Category::Circumstances) {
            seen.companions.clone_from(&whole.companions);
        }
        seen
    }

    /// The place as this audience may see it; `None` when circumstances are not covered.
    #[must_use]
    pub fn place(&self, whole: &Place) -> Option<Place> {
        if self.own {
            Some(whole.clone())
        } else if self.covers(Category::Circumstances) {
            Some(whole.reduced(self.place))
        } else {
            None
        }
    }
}

/// The categories a compared field tells of, so that the evidence of a hypothesis is cut the same way as the record itself: what a document's number tells
/// of its holder is compared with who the other is.
fn categories_of_field(field: &str) -> &'static [Category] {
    match field {
        "name" | "sex" | "birth" | "age" | "nationality" => &[Category::Identity],
        "dental" | "medical" => &[Category::Health],
        "phone" | "document" | "residence" => &[Category::Identifiers],
        "holder" => &[Category::Identifiers, Category::Identity],
        "place" | "time" | "place_time" | "companions" => &[Category::Circumstances],
        // That two records fit by DNA, in words and roughly: told to whoever may know of both; never what was read.
        "dna" => &[],
        _ => &[Category::Description],
    }
}

/// Fewer persons than this together are told as a number to nobody but the owner of all their records.
pub const FEWEST_TOGETHER: usize = 5;

/// How many persons an audience is told of whose records it does not own: nothing below [`FEWEST_TOGETHER`] (so that none, one and four are one
/// answer), otherwise the multiple of it below the number, read as "at least". Sums of such numbers, and the difference of two questions that are
/// nearly the same, then do not tell of single persons.
#[must_use]
pub const fn told_together(persons: usize) -> Option<usize> {
    if persons < FEWEST_TOGETHER { None } else { Some(persons / FEWEST_TOGETHER * FEWEST_TOGETHER) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::domain::person::{Item, NameKind, PersonName, Sex};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn whole() -> Description {
        let item = |t: &str| vec![Item { text: t.to_owned(), ..Item::default() }];
        Description {
            names: vec![PersonName {
                kind: NameKind::Legal,
                given_names: Some("Invented".into()),
                first_surname: None,
                second_surname: None,
                full_text: String::new(),
            }],
            sex: Some(Sex::Female),
            gender_identity: Some("x".into()),
            birth: "1990".parse().ok(),
            birth_place: Some("y".into()),
            age_min: Some(20),
            age_max: Some(22),
            age_as_of: None,
            nationalities: vec!["HND".into()],
            languages: vec!["spa".into()],
            people: Some("z".into()),
            height_min_cm: Some(150.0),
            height_max_cm: Some(152.0),
            height_method: Some("stated".into()),
            build: Some("slim".into()),
            hair_color: Some("black".into()),
            eye_color: Some("brown".into()),
            marks: item("m"),
            dental: item("d"),
            medical: item("i"),
            clothing: item("c"),
            belongings: item("b"),
            phones: vec!["1".into()],
            documents: vec!["2".into()],
            companions: vec!["3".into()],
            absent: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn without_a_shared_category_nothing_is_known() {
        let sight = Sight::decide(AuthorityId(Uuid::from_u128(1)), AuthorityId(Uuid::from_u128(2)), []);
        assert!(sight.nothing());
        assert_eq!(sight.description(&whole()), Description::default());
        assert_eq!(sight.place(&Place { lat: Some(1.0), lon: Some(1.0), ..Place::default() }), None);
    }

    #[test]
    fn a_partner_never_sees_a_place_finer_than_a_quarter_degree() {
        let sight = Sight::partner([Category::Circumstances]);
        let place = sight.place(&Place { lat: Some(15.5123), lon: Some(-92.2417), ..Place::default() }).unwrap();
        assert_eq!((place.lat, place.lon), (Some(15.5), Some(-92.25)));
    }

    #[test]
    fn of_others_persons_fewer_than_five_are_never_told_and_more_only_roughly() {
        assert_eq!((0..5).map(told_together).collect::<Vec<_>>(), [None; 5]);
        assert_eq!((told_together(5), told_together(9), told_together(23)), (Some(5), Some(5), Some(20)));
    }

    proptest! {
        #[test]
        fn more_categories_never_show_less_and_none_shows_what_it_does_not_cover(mask in 0u8..128, extra in 0usize..7) {
            let chosen: Vec<Category> = Category::ALL.iter().copied().enumerate().filter(|(i, _)| mask & (1 << i) != 0).map(|(_, c)| c).collect();
            let small = Sight::partner(chosen.clone()).description(&whole());
            let mut more = chosen.clone();
            more.push(Category::ALL[extra]);
            let large = Sight::partner(more).description(&whole());
            prop_assert!(small.names.is_empty() || !large.names.is_empty());
            prop_assert!(small.marks.is_empty() || !large.marks.is_empty());
            prop_assert_eq!(!small.names.is_empty(), chosen.contains(&Category::Identity));
            prop_assert_eq!(!small.phones.is_empty(), chosen.contains(&Category::Identifiers));
            prop_assert_eq!(!small.dental.is_empty(), chosen.contains(&Category::Health));
            prop_assert_eq!(small.people, None);
        }
    }
}
