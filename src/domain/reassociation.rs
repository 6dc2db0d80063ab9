//! Whose an element is: an analyst includes it in an individual or excludes it, with a reason. What cannot be is refused, what science leaves in doubt is flagged.
//! Reasons after CoRA, the Commingled Remains Analytics of the University of Nebraska at Omaha and DPAA.

use super::skeleton::{Anatomy, Side};

crate::vocabulary! {
    /// Which way an analyst decided.
    AssociationVerdict {
        /// It is of this individual.
        Inclusion => "inclusion",
        /// It is not.
        Exclusion => "exclusion",
    }
}

crate::vocabulary! {
    /// Why (V-ASSOC). DNA is a word here: what was read stays in the bank.
    AssociationReason {
        /// Left and right look alike.
        PairMatch => "pair_match",
        /// Joint surfaces fit.
        Articulation => "articulation",
        /// Broken edges fit.
        Refit => "refit",
        /// Sizes agree or do not.
        Osteometric => "osteometric",
        /// Shape.
        Morphology => "morphology",
        /// Stage of development.
        Development => "development",
        /// Teeth.
        Odontology => "odontology",
        /// Disease.
        Pathology => "pathology",
        /// Injury.
        Trauma => "trauma",
        /// Something congenital.
        Anomaly => "anomaly",
        /// What happened to it after death.
        Taphonomy => "taphonomy",
        /// Where it lay.
        Provenance => "provenance",
        /// Radiograph.
        Radiograph => "radiograph",
        /// Isotopes.
        Isotope => "isotope",
        /// DNA, by the bank's report.
        Dna => "dna",
        /// Something else, told in the note.
        Other => "other",
    }
}

crate::vocabulary! {
    /// What speaks against including an element in an individual.
    Contradiction {
        /// It is included in another individual.
        IncludedElsewhere => "included_elsewhere",
        /// The individual has that bone already: all of one lies within the other.
        SameBone => "same_bone",
        /// The individual has a part of that bone already: where a zone ends is a judgement.
        OverlappingZone => "overlapping_zone",
        /// The individual has more of these bones than a person has.
        TooMany => "too_many",
        /// Ages far apart.
        AgesApart => "ages_apart",
        /// Neighbouring ages: the estimates may be off.
        NeighbouringAges => "neighbouring_ages",
    }
}

impl Contradiction {
    /// Whether nobody could be like that; the others are doubts that an analyst may answer for.
    #[must_use]
    pub const fn is_impossible(self) -> bool {
        matches!(self, Self::IncludedElsewhere | Self::SameBone | Self::TooMany | Self::AgesApart)
    }
}

/// What speaks against an individual with these elements having `new` too, each once, the impossible first. Whether it is included elsewhere is not seen here.
#[must_use]
pub fn contradictions(of_individual: &[Anatomy], new: &Anatomy) -> Vec<Contradiction> {
    let mut found = Vec::new();
    let same: Vec<&Anatomy> = of_individual.iter().filter(|e| e.bone == new.bone).collect();
    let per_side = new.bone.per_side();
    let places = if new.bone.is_paired() { 2 * per_side } else { per_side };
    for zone in new.present() {
        let sharing: Vec<&&Anatomy> = same.iter().filter(|e| e.present().contains(zone)).collect();
        let of_side = |side: Side| sharing.iter().filter(|e| e.side == Some(side)).count();
        let full = new.side.is_some_and(|side| of_side(side) >= per_side) || sharing.len() >= places;
        if !full {
            continue;
        }
        let rivals = sharing.iter().filter(|e| new.side.is_none() || e.side.is_none() || e.side == new.side);
        let within = |a: &Anatomy, b: &Anatomy| a.present().iter().all(|z| b.present().contains(z));
        found.push(if per_side > 1 {
            Contradiction::TooMany
        } else if rivals.into_iter().any(|e| within(e, new) || within(new, e)) {
            Contradiction::SameBone
        } else {
            Contradiction::OverlappingZone
        });
    }
    for gap in of_individual.iter().filter_map(|e| e.age_class.gap(new.age_class)) {
        found.push(if gap == 0 { Contradiction::NeighbouringAges } else { Contradiction::AgesApart });
    }
    found.sort_by_key(|c| (!c.is_impossible(), *c));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::skeleton::{AgeClass, Bone, Completeness, Zone};

    fn bone(bone: Bone, side: Option<Side>, zones: &[Zone]) -> Anatomy {
        let completeness = if zones.is_empty() { Completeness::Complete } else { Completeness::Partial };
        Anatomy { bone, side, zones: zones.to_vec(), completeness, age_class: AgeClass::Adult }
    }

    const LEFT: Option<Side> = Some(Side::Left);
    const RIGHT: Option<Side> = Some(Side::Right);

    #[test]
    fn a_second_left_femur_cannot_be_of_the_same_person_a_right_one_can() {
        let left = bone(Bone::Femur, LEFT, &[]);
        assert_eq!(contradictions(std::slice::from_ref(&left), &left), [Contradiction::SameBone]);
        assert_eq!(contradictions(std::slice::from_ref(&left), &bone(Bone::Femur, RIGHT, &[])), []);
        assert_eq!(contradictions(std::slice::from_ref(&left), &bone(Bone::Femur, None, &[])), [], "it may be the right one");
        let both = [left, bone(Bone::Femur, RIGHT, &[])];
        assert_eq!(contradictions(&both, &bone(Bone::Femur, None, &[])), [Contradiction::SameBone], "nobody has three");
    }

    #[test]
    fn fragments_that_overlap_in_part_are_a_doubt_and_apart_are_none() {
        let upper = bone(Bone::Tibia, LEFT, &[Zone::ProximalEnd, Zone::ProximalShaft, Zone::MiddleShaft]);
        let lower = bone(Bone::Tibia, LEFT, &[Zone::MiddleShaft, Zone::DistalShaft]);
        assert_eq!(contradictions(std::slice::from_ref(&upper), &lower), [Contradiction::OverlappingZone]);
        assert_eq!(contradictions(std::slice::from_ref(&upper), &bone(Bone::Tibia, LEFT, &[Zone::DistalEnd])), []);
        assert_eq!(contradictions(std::slice::from_ref(&upper), &bone(Bone::Tibia, LEFT, &[Zone::MiddleShaft])), [Contradiction::SameBone]);
    }

    #[test]
    fn ages_far_apart_are_impossible_and_neighbouring_ones_a_doubt() {
        let of = |age_class| Anatomy { age_class, ..bone(Bone::Humerus, LEFT, &[]) };
        let skull = |age_class| Anatomy { age_class, ..bone(Bone::Cranium, None, &[]) };
        assert_eq!(contradictions(&[skull(AgeClass::Child)], &of(AgeClass::MiddleAdult)), [Contradiction::AgesApart]);
        assert_eq!(contradictions(&[skull(AgeClass::Adolescent)], &of(AgeClass::YoungAdult)), [Contradiction::NeighbouringAges]);
        assert_eq!(contradictions(&[skull(AgeClass::Unknown)], &of(AgeClass::YoungAdult)), []);
    }

    #[test]
    fn a_thirteenth_left_rib_is_too_many() {
        let ribs = vec![bone(Bone::Rib, LEFT, &[]); 12];
        assert_eq!(contradictions(&ribs, &ribs[0]), [Contradiction::TooMany]);
        assert_eq!(contradictions(&ribs[1..], &ribs[0]), []);
    }
}
