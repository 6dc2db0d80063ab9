//! How many people at least a set of bones is of, and why.
//!
//! Counted as T. E. White, "A method of calculating the dietary percentage of various food animals utilized by aboriginal peoples", American Antiquity 18 (1953),
//! 396-398, has it: the commonest bone of one side. Fragments count where they share a zone (Knüsel and Outram 2004, see [`super::skeleton`]): those that share none may
//! be of one bone. Bones of a person's age, which nobody can be at once with another, count apart.

use super::skeleton::{Anatomy, Bone, STAGES, Side, Zone};
use std::collections::BTreeMap;

/// Elements that must be of so many people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Repeated {
    /// The bone that comes most often.
    pub bone: Bone,
    /// The zone that they share; none where no zone was recorded.
    pub zone: Option<Zone>,
    /// Left ones.
    pub left: usize,
    /// Right ones.
    pub right: usize,
    /// Those of an unpaired bone, or whose side could not be told.
    pub unsided: usize,
    /// First age (0 fetal, 1 infant, 2 child, 3 adolescent, 4 young, 5 middle, 6 older adult) of those counted here.
    pub from_stage: usize,
    /// Last age of those counted here.
    pub to_stage: usize,
    /// How many people these are at least.
    pub individuals: usize,
}

/// The minimum number of individuals with what it rests on: the sum over bones of ages that exclude one another.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct MinimumIndividuals {
    /// At least so many people.
    pub individuals: usize,
    /// Why.
    pub because: Vec<Repeated>,
}

#[derive(Default, Clone, Copy)]
struct Count {
    left: usize,
    right: usize,
    unsided: usize,
}

impl Count {
    fn take(&mut self, side: Option<Side>) {
        match side {
            Some(Side::Left) => self.left += 1,
            Some(Side::Right) => self.right += 1,
            None => self.unsided += 1,
        }
    }

    /// People these are of at least, when they share a zone: those of a side, or all together on two sides.
    fn individuals(self, bone: Bone) -> usize {
        let per_side = bone.per_side();
        let all = self.left + self.right + self.unsided;
        let places = if bone.is_paired() { 2 * per_side } else { per_side };
        self.left.div_ceil(per_side).max(self.right.div_ceil(per_side)).max(all.div_ceil(places))
    }
}

/// What comes most often among the elements that can only be of these ages.
fn most_repeated(elements: &[Anatomy], from: usize, to: usize) -> Option<Repeated> {
    let mut counts: BTreeMap<(Bone, Option<Zone>), Count> = BTreeMap::new();
    for element in elements {
        let (first, last) = element.age_class.stages();
        if first < from || last > to {
            continue;
        }
        for zone in element.present() {
            counts.entry((element.bone, Some(*zone))).or_default().take(element.side);
        }
        if element.present().is_empty() {
            counts.entry((element.bone, None)).or_default().take(element.side);
        }
    }
    let mut best: Option<Repeated> = None;
    for ((bone, zone), count) in counts {
        // Pieces of which no zone is known may all be of one bone.
        let individuals = if zone.is_some() { count.individuals(bone) } else { 1 };
        if best.is_none_or(|b| individuals > b.individuals) {
            let Count { left, right, unsided } = count;
            best = Some(Repeated { bone, zone, left, right, unsided, from_stage: from, to_stage: to, individuals });
        }
    }
    best
}

/// The minimum number of individuals. Ages are intervals, so that the smallest number of people that have all elements is, by duality, the largest sum over
/// intervals of ages that do not overlap. It is a minimum: never more than there are elements, and more elements never make it less. Cost: elements times zones
/// times the pairs of ages.
#[must_use]
pub fn minimum_number_of_individuals(elements: &[Anatomy]) -> MinimumIndividuals {
    // The best for the ages before each; fewer reasons are better than more.
    let mut best = vec![MinimumIndividuals::default()];
    for to in 0..STAGES {
        let mut here = best.last().cloned().unwrap_or_default();
        for (from, before) in best.iter().enumerate() {
            let Some(repeated) = most_repeated(elements, from, to) else { continue };
            let individuals = before.individuals + repeated.individuals;
            // Of two that say as much, the one with fewer reasons, then the one that needs no age.
            let span = |b: &MinimumIndividuals| b.because.iter().map(|r| r.to_stage - r.from_stage).sum::<usize>();
            let (reasons, width) = (before.because.len() + 1, span(before) + to - from);
            let plainer = (reasons, std::cmp::Reverse(width)) < (here.because.len(), std::cmp::Reverse(span(&here)));
            if individuals > here.individuals || (individuals == here.individuals && plainer) {
                let because = before.because.iter().copied().chain([repeated]).collect();
                here = MinimumIndividuals { individuals, because };
            }
        }
        best.push(here);
    }
    best.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::skeleton::{AgeClass, Completeness};
    use proptest::prelude::*;

    fn element(bone: Bone, side: Option<Side>, zones: &[Zone], age_class: AgeClass) -> Anatomy {
        let completeness = if zones.is_empty() { Completeness::Complete } else { Completeness::Partial };
        Anatomy { bone, side, zones: zones.to_vec(), completeness, age_class }
    }

    fn many(elements: &[Anatomy]) -> usize {
        minimum_number_of_individuals(elements).individuals
    }

    const LEFT: Option<Side> = Some(Side::Left);
    const RIGHT: Option<Side> = Some(Side::Right);

    #[test]
    fn two_sides_are_one_person_and_two_of_a_side_are_two() {
        let femur = |side| element(Bone::Femur, side, &[], AgeClass::Adult);
        assert_eq!(many(&[]), 0);
        assert_eq!(many(&[femur(LEFT), femur(RIGHT)]), 1);
        assert_eq!(many(&[femur(LEFT), femur(RIGHT), femur(LEFT)]), 2);
        assert_eq!(many(&[femur(None), femur(None)]), 1, "they may be left and right");
        assert_eq!(many(&[femur(None), femur(None), femur(LEFT)]), 2, "three are not of one person");
    }

    #[test]
    fn fragments_count_where_they_share_a_zone_and_not_where_they_may_be_one_bone() {
        let piece = |zones: &[Zone]| element(Bone::Humerus, LEFT, zones, AgeClass::Adult);
        assert_eq!(many(&[piece(&[Zone::ProximalEnd]), piece(&[Zone::DistalEnd])]), 1);
        let shared =
            [piece(&[Zone::ProximalEnd, Zone::ProximalShaft]), piece(&[Zone::ProximalShaft]), piece(&[Zone::ProximalShaft, Zone::MiddleShaft])];
        let told = minimum_number_of_individuals(&shared);
        assert_eq!(told.individuals, 3);
        assert_eq!((told.because[0].zone, told.because[0].left), (Some(Zone::ProximalShaft), 3));
    }

    #[test]
    fn ages_that_exclude_one_another_add_and_those_that_do_not_do_not() {
        let skull = |age| element(Bone::Cranium, None, &[], age);
        let femur = |age| element(Bone::Femur, LEFT, &[], age);
        assert_eq!(many(&[skull(AgeClass::Adult), femur(AgeClass::Child)]), 2, "other bones, other people");
        let one = minimum_number_of_individuals(&[skull(AgeClass::Adult), femur(AgeClass::YoungAdult)]);
        assert_eq!((one.individuals, one.because[0].from_stage, one.because[0].to_stage), (1, 0, STAGES - 1), "no age is needed to say so");
        assert_eq!(many(&[skull(AgeClass::Unknown), femur(AgeClass::Child)]), 1);
        assert_eq!(many(&[skull(AgeClass::Unknown), femur(AgeClass::Child), femur(AgeClass::Adult), femur(AgeClass::Adult)]), 3);
        let told = minimum_number_of_individuals(&[femur(AgeClass::Child), femur(AgeClass::Adult), femur(AgeClass::Adult)]);
        assert_eq!(told.individuals, 3);
        assert_eq!(told.because.len(), 1, "three left femora say it without their ages");
    }

    #[test]
    fn bones_that_everybody_has_many_of_count_by_their_number() {
        let ribs = |n: usize| vec![element(Bone::Rib, LEFT, &[], AgeClass::Adult); n];
        assert_eq!(many(&ribs(12)), 1);
        assert_eq!(many(&ribs(13)), 2);
    }

    fn anatomy() -> impl Strategy<Value = Anatomy> {
        let bones = [Bone::Femur, Bone::Cranium, Bone::Rib, Bone::Talus];
        (0usize..4, 0usize..3, any::<u8>(), 0usize..3, 0usize..AgeClass::ALL.len()).prop_map(move |(bone, side, zones, completeness, age)| {
            let bone = bones[bone];
            let zones = bone.zones().iter().enumerate().filter(|(i, _)| zones & (1 << i) != 0).map(|(_, z)| *z).collect();
            let side = [None, LEFT, RIGHT][side].filter(|_| bone.is_paired());
            Anatomy { bone, side, zones, completeness: Completeness::ALL[completeness], age_class: AgeClass::ALL[age] }
        })
    }

    proptest! {
        #[test]
        fn the_order_of_elements_does_not_matter(elements in prop::collection::vec(anatomy(), 0..14), turn in 0usize..14) {
            let mut turned = elements.clone();
            turned.rotate_left(turn.min(elements.len()));
            let mut reversed = turned.clone();
            reversed.reverse();
            prop_assert_eq!(minimum_number_of_individuals(&elements), minimum_number_of_individuals(&turned));
            prop_assert_eq!(minimum_number_of_individuals(&elements), minimum_number_of_individuals(&reversed));
        }

        #[test]
        fn one_more_element_never_makes_it_less_nor_more_than_one_more(elements in prop::collection::vec(anatomy(), 0..14), more in anatomy()) {
            let before = many(&elements);
            let mut with = elements;
            with.push(more);
            let after = many(&with);
            prop_assert!(before <= after && after <= before + 1);
        }

        #[test]
        fn it_is_never_more_than_the_elements_and_what_it_rests_on_adds_up(elements in prop::collection::vec(anatomy(), 0..14)) {
            let told = minimum_number_of_individuals(&elements);
            prop_assert!(told.individuals <= elements.len());
            prop_assert_eq!(told.individuals == 0, elements.is_empty());
            prop_assert_eq!(told.because.iter().map(|b| b.individuals).sum::<usize>(), told.individuals);
            prop_assert!(told.because.windows(2).all(|w| w[0].to_stage < w[1].from_stage));
        }

        #[test]
        fn two_sets_together_are_at_most_as_many_as_apart(one in prop::collection::vec(anatomy(), 0..9), other in prop::collection::vec(anatomy(), 0..9)) {
            let together: Vec<Anatomy> = one.iter().chain(&other).cloned().collect();
            prop_assert!(many(&together) <= many(&one) + many(&other));
        }
    }
}
