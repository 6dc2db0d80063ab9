//! The parameters of the comparators as a versioned file, and weights as exact integers.

use std::collections::BTreeMap;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::compare::{LEVELS, Outcome};
use super::record::RecordKind;

/// A weight of evidence: log10 of a likelihood ratio or of odds, in thousandths. Integers, so that the parts of an explanation add up to the
/// total to the last digit in any order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Millibans(pub i32);

impl Millibans {
    /// Nearest thousandth of a log10 value; what is not finite becomes 0, what is huge is cut at 10^±30.
    #[must_use]
    pub fn from_log10(value: f64) -> Self {
        if value.is_finite() {
            #[expect(clippy::cast_possible_truncation, reason = "cut to ±30000 before")]
            Self((value.clamp(-30.0, 30.0) * 1000.0).round() as i32)
        } else {
            Self(0)
        }
    }

    /// The weight as log10.
    #[must_use]
    pub fn log10(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// Decibans (tenths of a ban), the unit shown to people.
    #[must_use]
    pub fn decibans(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Add for Millibans {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Millibans {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Millibans {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), Add::add)
    }
}

/// Why a model was refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Not the expected TOML.
    #[error("model file cannot be read: {0}; compare it with config/models/spine.toml")]
    Syntax(String),
    /// A value no probability can have.
    #[error("model file: {field} is {value}, which is not a probability between 0 and 1")]
    Probability {
        /// Section and name.
        field: &'static str,
        /// What it held.
        value: f64,
    },
    /// Parameters of a kind of record that cannot be.
    #[error("model file: kinds.{name}: `kept` lies above 0 and up to 2, `expected` between -3 and 3")]
    Kind {
        /// The section.
        name: &'static str,
    },
    /// Parameters of duplicates that cannot be.
    #[error("model file: duplicates.{name}: `kept` lies above 0 and up to 2, `expected_partners` above 0 and up to 100")]
    Duplicates {
        /// The section.
        name: &'static str,
    },
}

/// The whole model; see the comments in `config/models/spine.toml` for every parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the sections of the file under their own names")]
pub struct Model {
    pub id: String,
    pub expected_partners: f64,
    pub name: NameModel,
    pub birth: BirthModel,
    pub sex: SexModel,
    pub nationality: NationalityModel,
    pub stature: StatureModel,
    pub category: CategoryModel,
    pub marks: MarkModel,
    pub items: ItemsModel,
    pub identifiers: IdentifierModel,
    pub companions: CompanionModel,
    pub residence: ResidenceModel,
    pub time: TimeModel,
    pub place: PlaceModel,
    pub kinds: KindsModel,
    pub duplicates: DuplicatesModel,
    pub relative: RelativeModel,
    #[serde(default)]
    pub levels: LevelsModel,
}

macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "parameters are described in the model file")]
        pub struct $name { $(pub $field: $type),* }
    };
}

section!(
    /// `[name]`.
    NameModel {
        agree: [f64; 9], kernel: [f64; 9], surname_order: f64, given_as_surname: f64, role_guessed: f64, conflict_given: f64, conflict_surname: f64,
        missing_given: f64, missing_surname: f64, false_name: f64, token_limit: f64, name_limit: f64, later_token_weight: f64,
    }
);
section!(
    /// `[birth]`.
    BirthModel {
        equal: f64, day_month_swapped: f64, one_year: f64, two_years: f64, ten_years: f64, first_of_january: f64, one_day: f64, same_month: f64,
        same_year: f64, age_like: f64, age_like_sd_years: f64, unrelated: f64, january_share: f64, range_holds: f64, soft_stated_years: f64,
        soft_age_years: f64, soft_remains_years: f64,
    }
);
section!(
    /// `[sex]`.
    SexModel { error: f64, error_remains: f64 }
);
section!(
    /// `[nationality]`.
    NationalityModel { misdeclared: f64, listed_share: f64, listed: Vec<[String; 2]> }
);
section!(
    /// `[stature]`.
    StatureModel { sd_cm: f64, child_population_sd_cm: f64, unrelated: f64 }
);
section!(
    /// `[category]`: hair, eyes, build.
    CategoryModel { equal: f64, similar: f64, different: f64 }
);
section!(
    /// `[marks]`: attributes of one item.
    MarkModel {
        kind_similar: f64, motif_equal: f64, motif_similar: f64, motif_different: f64, part_equal: f64, part_near: f64, part_different: f64,
        side_equal: f64, side_different: f64,
    }
);
section!(
    /// `[items]`: one section per field of items.
    ItemsModel { marks: ItemModel, dental: ItemModel, clothing: ItemModel, belongings: ItemModel }
);
section!(
    /// `[items.*]`.
    ItemModel { noted: f64, unpaired: f64, floor: f64, limit: f64 }
);
section!(
    /// `[identifiers]`.
    IdentifierModel {
        phone_equal: f64, phone_near: f64, phone_different: f64, document_equal: f64, document_near: f64, document_different: f64, document_own: f64,
        limit: f64,
    }
);
section!(
    /// `[companions]`.
    CompanionModel { agree: f64, different: f64, limit: f64 }
);
section!(
    /// `[residence]`.
    ResidenceModel { equal: f64, near: f64, near_common: f64, different: f64, floor: f64, limit: f64 }
);
section!(
    /// `[time]`.
    TimeModel {
        limit: f64, living_median_days: f64, living_sigma: f64, late_share: f64, late_median_days: f64, late_sigma: f64, report_mean_days: f64,
        report_sd_days: f64, report_late_share: f64, report_late_sd_days: f64, interval_holds: f64, found_median_days: f64, found_sigma: f64,
        wrong_date: f64,
    }
);
section!(
    /// `[place]`.
    PlaceModel { edges_km: [f64; 7], living: [f64; 8], remains: [f64; 8], report: [f64; 8], same_country: f64 }
);

section!(
    /// `[kinds]`: one section per kind of found record.
    KindsModel {
        foreign_case: KindModel, detention: KindModel, shelter: KindModel, hospital: KindModel, remains_named: KindModel,
        remains_unnamed: KindModel, living_other: KindModel,
    }
);
section!(
    /// `[kinds.*]`.
    KindModel { expected: f64, kept: f64 }
);

section!(
    /// `[duplicates]`: two records of one side.
    DuplicatesModel { case: DuplicateModel, record: DuplicateModel }
);
section!(
    /// `[duplicates.*]`.
    DuplicateModel { expected_partners: f64, kept: f64 }
);

section!(
    /// `[relative]`: somebody of the same family who went the same way.
    RelativeModel { travels: f64, shares_surnames: f64 }
);

/// `[levels]`: what is added, log10, to the weight of every comparison that ends at a level, because training found the level likelier or less
/// likely among pairs of one person than the field's own parameters make it ([`crate::matching::train`]). A level that is not named adds nothing;
/// place and time have parameters of their own and take none, nor does what a document's number tells, which is made of other levels.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, f64>", into = "BTreeMap<String, f64>")]
pub struct LevelsModel {
    by_level: FxHashMap<&'static str, f64>,
    /// The most of each field that has a level here.
    by_field: FxHashMap<&'static str, f64>,
}

/// The most a level may add or take, log10.
pub const LEVEL_LIMIT: f64 = 1.0;

impl LevelsModel {
    /// Every level that may be corrected, in the order of [`LEVELS`]: within a field from agreement down.
    pub fn correctable() -> impl Iterator<Item = &'static str> {
        LEVELS.iter().copied().filter(|l| {
            !l.starts_with("place_time.") && !l.starts_with("dependence.") && !l.starts_with("relative.") && !l.starts_with("holder.")
        })
    }

    /// What a level adds, log10.
    #[must_use]
    pub fn of(&self, level: &str) -> f64 {
        self.by_level.get(level).copied().unwrap_or(0.0)
    }

    /// The most that any of these levels adds.
    #[must_use]
    pub fn most_of(&self, levels: &[&str]) -> f64 {
        levels.iter().map(|l| self.of(l)).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The most that any level of a field adds, by the code of the field; what is absent adds nothing and is not among them.
    #[must_use]
    pub fn most_of_field(&self, field: &str) -> f64 {
        self.by_field.get(field).copied().unwrap_or(0.0)
    }

    /// A comparison's outcome with what its level adds; nothing stays nothing.
    #[must_use]
    pub fn corrected(&self, outcome: Option<Outcome>) -> Option<Outcome> {
        outcome.map(|o| Outcome { log10: o.log10 + self.of(o.level), ..o })
    }
}

impl FromIterator<(&'static str, f64)> for LevelsModel {
    fn from_iter<I: IntoIterator<Item = (&'static str, f64)>>(levels: I) -> Self {
        let by_level: FxHashMap<_, _> = levels.into_iter().filter(|(_, by)| *by != 0.0).collect();
        let field = |level: &'static str| level.split_once('.').map_or(level, |(field, _)| field);
        let mut by_field = FxHashMap::default();
        for of_field in by_level.keys().map(|level| field(level)) {
            let levels = Self::correctable().filter(|level| field(level) == of_field);
            by_field.insert(of_field, levels.map(|level| by_level.get(level).copied().unwrap_or(0.0)).fold(f64::NEG_INFINITY, f64::max));
        }
        Self { by_level, by_field }
    }
}

impl TryFrom<BTreeMap<String, f64>> for LevelsModel {
    type Error = String;

    fn try_from(file: BTreeMap<String, f64>) -> Result<Self, String> {
        let mut levels = Vec::new();
        for (name, value) in file {
            let Some(level) = Self::correctable().find(|l| **l == *name) else {
                return Err(format!("levels: `{name}` is no level that can be corrected"));
            };
            if !(-LEVEL_LIMIT..=LEVEL_LIMIT).contains(&value) {
                return Err(format!("levels: `{name}` is {value}; a correction lies between -{LEVEL_LIMIT} and {LEVEL_LIMIT}"));
            }
            levels.push((level, value));
        }
        Ok(levels.into_iter().collect())
    }
}

impl From<LevelsModel> for BTreeMap<String, f64> {
    fn from(levels: LevelsModel) -> Self {
        levels.by_level.into_iter().map(|(level, value)| (level.to_owned(), value)).collect()
    }
}

const STANDARD: &str = include_str!("../../config/models/spine.toml");

impl Model {
    /// The model that comes with the program.
    ///
    /// # Errors
    /// [`ModelError`] when the shipped file was damaged before the build; a test holds it together.
    pub fn standard() -> Result<Self, ModelError> {
        Self::from_toml(STANDARD)
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`ModelError::Syntax`] for other text, [`ModelError::Probability`] for values outside 0 to 1.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        let model: Self = toml::from_str(text).map_err(|e| ModelError::Syntax(e.to_string()))?;
        for (field, value) in [
            ("name.false_name", model.name.false_name),
            ("birth.equal", model.birth.equal),
            ("birth.unrelated", model.birth.unrelated),
            ("birth.range_holds", model.birth.range_holds),
            ("sex.error", model.sex.error),
            ("sex.error_remains", model.sex.error_remains),
            ("nationality.misdeclared", model.nationality.misdeclared),
            ("stature.unrelated", model.stature.unrelated),
            ("identifiers.document_own", model.identifiers.document_own),
            ("category.different", model.category.different),
            ("time.interval_holds", model.time.interval_holds),
            ("time.wrong_date", model.time.wrong_date),
            ("relative.travels", model.relative.travels),
            ("relative.shares_surnames", model.relative.shares_surnames),
        ] {
            if !(value > 0.0 && value < 1.0) {
                return Err(ModelError::Probability { field, value });
            }
        }
        for (name, kind) in model.kinds.named() {
            if !(kind.kept > 0.0 && kind.kept <= 2.0 && kind.expected.abs() <= 3.0) {
                return Err(ModelError::Kind { name });
            }
        }
        for (name, m) in [("case", &model.duplicates.case), ("record", &model.duplicates.record)] {
            if !(m.kept > 0.0 && m.kept <= 2.0 && m.expected_partners > 0.0 && m.expected_partners <= 100.0) {
                return Err(ModelError::Duplicates { name });
            }
        }
        Ok(model)
    }
}

impl KindsModel {
    /// The parameters of a kind of found record; a report stands for another country's.
    #[must_use]
    pub const fn of(&self, kind: RecordKind) -> &KindModel {
        match kind {
            RecordKind::Case | RecordKind::ForeignCase => &self.foreign_case,
            RecordKind::Detention => &self.detention,
            RecordKind::Shelter => &self.shelter,
            RecordKind::Hospital => &self.hospital,
            RecordKind::RemainsNamed => &self.remains_named,
            RecordKind::RemainsUnnamed => &self.remains_unnamed,
            RecordKind::LivingOther => &self.living_other,
        }
    }

    /// As [`KindsModel::of`], to be changed.
    pub const fn of_mut(&mut self, kind: RecordKind) -> &mut KindModel {
        match kind {
            RecordKind::Case | RecordKind::ForeignCase => &mut self.foreign_case,
            RecordKind::Detention => &mut self.detention,
            RecordKind::Shelter => &mut self.shelter,
            RecordKind::Hospital => &mut self.hospital,
            RecordKind::RemainsNamed => &mut self.remains_named,
            RecordKind::RemainsUnnamed => &mut self.remains_unnamed,
            RecordKind::LivingOther => &mut self.living_other,
        }
    }

    /// Every kind under the name of its section.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, &KindModel); 7] {
        [
            ("foreign_case", &self.foreign_case),
            ("detention", &self.detention),
            ("shelter", &self.shelter),
            ("hospital", &self.hospital),
            ("remains_named", &self.remains_named),
            ("remains_unnamed", &self.remains_unnamed),
            ("living_other", &self.living_other),
        ]
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_reads_and_comes_back_the_same() {
        let model = Model::standard().unwrap();
        assert_eq!(Model::from_toml(&toml::to_string(&model).unwrap()).unwrap(), model);
    }

    #[test]
    fn a_correction_of_what_is_no_level_is_refused_by_name() {
        for (line, named) in
            [("\"name.mistyped\" = 0.1", "name.mistyped"), ("\"name.equal\" = 7.0", "7"), ("\"place_time.fits\" = 0.1", "place_time")]
        {
            let text = format!("{}\n[levels]\n{line}\n", STANDARD.split("[levels]").next().unwrap());
            assert!(Model::from_toml(&text).unwrap_err().to_string().contains(named), "{line}");
        }
    }

    #[test]
    fn an_impossible_probability_is_refused_by_name() {
        let text = STANDARD.replace("false_name = 0.03", "false_name = 1.5");
        assert!(Model::from_toml(&text).unwrap_err().to_string().contains("false_name"));
    }
}
