//! Bones as an anthropologist's inventory has them: which there are, on which side, of which zones, of what age; and what cannot be.
//!
//! Zones after C. J. Knüsel and A. K. Outram, "Fragmentation: the zonation method applied to fragmented human remains from archaeological and forensic contexts",
//! Environmental Archaeology 9 (2004), 85-97, with fewer and larger zones of our own names: a zone is present when more than half of it is. Ages after J. E.
//! Buikstra and D. H. Ubelaker, Standards for data collection from human skeletal remains (1994).

use super::violations::Violations;
use std::collections::BTreeMap;

crate::vocabulary! {
    /// A bone, or a group of bones that are told apart only by their number.
    Bone {
        /// Skull without the lower jaw.
        Cranium => "cranium",
        /// Lower jaw.
        Mandible => "mandible",
        /// Hyoid.
        Hyoid => "hyoid",
        /// Breastbone.
        Sternum => "sternum",
        /// First cervical vertebra.
        Atlas => "atlas",
        /// Second cervical vertebra.
        Axis => "axis",
        /// Third to seventh cervical vertebra.
        CervicalVertebra => "cervical_vertebra",
        /// Thoracic vertebra.
        ThoracicVertebra => "thoracic_vertebra",
        /// Lumbar vertebra.
        LumbarVertebra => "lumbar_vertebra",
        /// Sacrum.
        Sacrum => "sacrum",
        /// Coccyx.
        Coccyx => "coccyx",
        /// Collarbone.
        Clavicle => "clavicle",
        /// Shoulder blade.
        Scapula => "scapula",
        /// Rib.
        Rib => "rib",
        /// Upper arm.
        Humerus => "humerus",
        /// Radius.
        Radius => "radius",
        /// Ulna.
        Ulna => "ulna",
        /// Bone of the wrist.
        Carpal => "carpal",
        /// Bone of the palm.
        Metacarpal => "metacarpal",
        /// Bone of a finger.
        ManualPhalanx => "manual_phalanx",
        /// Hip bone.
        OsCoxae => "os_coxae",
        /// Thigh.
        Femur => "femur",
        /// Kneecap.
        Patella => "patella",
        /// Shin.
        Tibia => "tibia",
        /// Fibula.
        Fibula => "fibula",
        /// Ankle bone.
        Talus => "talus",
        /// Heel.
        Calcaneus => "calcaneus",
        /// Another bone of the tarsus.
        Tarsal => "tarsal",
        /// Bone of the sole.
        Metatarsal => "metatarsal",
        /// Bone of a toe.
        PedalPhalanx => "pedal_phalanx",
    }
}

crate::vocabulary! {
    /// Side of a paired bone; without one it could not be told.
    Side {
        /// Left.
        Left => "left",
        /// Right.
        Right => "right",
    }
}

crate::vocabulary! {
    /// A part of a bone by which fragments are compared.
    Zone {
        /// The whole of a small bone.
        Whole => "whole",
        /// Frontal bone.
        Frontal => "frontal",
        /// Left parietal.
        LeftParietal => "left_parietal",
        /// Right parietal.
        RightParietal => "right_parietal",
        /// Occipital.
        Occipital => "occipital",
        /// Left temporal.
        LeftTemporal => "left_temporal",
        /// Right temporal.
        RightTemporal => "right_temporal",
        /// Left side of the face.
        LeftFace => "left_face",
        /// Right side of the face.
        RightFace => "right_face",
        /// Left ramus of the mandible.
        LeftRamus => "left_ramus",
        /// Left half of the mandible's body.
        LeftBody => "left_body",
        /// Right half of the mandible's body.
        RightBody => "right_body",
        /// Right ramus of the mandible.
        RightRamus => "right_ramus",
        /// Manubrium.
        Manubrium => "manubrium",
        /// Body of the sternum.
        SternalBody => "sternal_body",
        /// Body of a vertebra.
        Centrum => "centrum",
        /// Arch of a vertebra.
        Arch => "arch",
        /// Middle of the sacrum.
        SacralBody => "sacral_body",
        /// Left wing of the sacrum.
        LeftAla => "left_ala",
        /// Right wing of the sacrum.
        RightAla => "right_ala",
        /// Glenoid of the scapula.
        Glenoid => "glenoid",
        /// Acromion and spine of the scapula.
        Acromion => "acromion",
        /// Blade of the scapula.
        Blade => "blade",
        /// Head or end nearest to the trunk.
        ProximalEnd => "proximal_end",
        /// Shaft near that end.
        ProximalShaft => "proximal_shaft",
        /// Middle of the shaft.
        MiddleShaft => "middle_shaft",
        /// Shaft near the far end.
        DistalShaft => "distal_shaft",
        /// The far end.
        DistalEnd => "distal_end",
        /// Ilium.
        Ilium => "ilium",
        /// Ischium.
        Ischium => "ischium",
        /// Pubis.
        Pubis => "pubis",
        /// Acetabulum.
        Acetabulum => "acetabulum",
    }
}

crate::vocabulary! {
    /// How much of a bone or body is there.
    Completeness {
        /// All of it, or nearly.
        Complete => "complete",
        /// A part that can be placed.
        Partial => "partial",
        /// A small part.
        Fragment => "fragment",
    }
}

crate::vocabulary! {
    /// Age at death as far as a bone tells it.
    AgeClass {
        /// Before birth.
        Fetal => "fetal",
        /// Birth to 3 years.
        Infant => "infant",
        /// 3 to 12 years.
        Child => "child",
        /// 12 to 20 years.
        Adolescent => "adolescent",
        /// 20 to 35 years.
        YoungAdult => "young_adult",
        /// 35 to 50 years.
        MiddleAdult => "middle_adult",
        /// Over 50 years.
        OlderAdult => "older_adult",
        /// Under 20 years, not nearer.
        Subadult => "subadult",
        /// Over 20 years, not nearer.
        Adult => "adult",
        /// Cannot be told.
        Unknown => "unknown",
    }
}

crate::vocabulary! {
    /// What happened to a bone after death.
    Taphonomy {
        /// Weathered by sun, wind and rain.
        Weathering => "weathering",
        /// Bleached by the sun.
        SunBleaching => "sun_bleaching",
        /// Marks of roots.
        RootEtching => "root_etching",
        /// Gnawed by carnivores.
        CarnivoreGnawing => "carnivore_gnawing",
        /// Gnawed by rodents.
        RodentGnawing => "rodent_gnawing",
        /// Burned.
        Burning => "burning",
        /// Stained by soil.
        SoilStaining => "soil_staining",
        /// Worn by water or sand.
        Abrasion => "abrasion",
        /// Tissue still on it.
        AdheringTissue => "adhering_tissue",
        /// Adipocere on it.
        Adipocere => "adipocere",
    }
}

crate::vocabulary! {
    /// Injury, by when and how.
    Trauma {
        /// Healed in life.
        AntemortemHealed => "antemortem_healed",
        /// Blunt, around death.
        PerimortemBlunt => "perimortem_blunt",
        /// Sharp, around death.
        PerimortemSharp => "perimortem_sharp",
        /// By a projectile, around death.
        PerimortemProjectile => "perimortem_projectile",
        /// By heat, around death.
        PerimortemThermal => "perimortem_thermal",
        /// After death.
        Postmortem => "postmortem",
        /// When cannot be told.
        Undetermined => "undetermined",
    }
}

/// Number of disjoint ages that classes are made of.
pub(super) const STAGES: usize = 7;

impl AgeClass {
    /// First and last of the disjoint ages (fetal … older adult) that the class may be.
    #[must_use]
    pub const fn stages(self) -> (usize, usize) {
        match self {
            Self::Fetal => (0, 0),
            Self::Infant => (1, 1),
            Self::Child => (2, 2),
            Self::Adolescent => (3, 3),
            Self::YoungAdult => (4, 4),
            Self::MiddleAdult => (5, 5),
            Self::OlderAdult => (6, 6),
            Self::Subadult => (0, 3),
            Self::Adult => (4, 6),
            Self::Unknown => (0, 6),
        }
    }

    /// How many ages lie between two classes that no one person can be: 0 for neighbours, `None` when one person can be both.
    #[must_use]
    pub const fn gap(self, other: Self) -> Option<usize> {
        let ((a, b), (c, d)) = (self.stages(), other.stages());
        if b < c {
            Some(c - b - 1)
        } else if d < a {
            Some(a - d - 1)
        } else {
            None
        }
    }
}

impl Bone {
    /// Whether a person has it on both sides.
    #[must_use]
    pub const fn is_paired(self) -> bool {
        !matches!(
            self,
            Self::Cranium
                | Self::Mandible
                | Self::Hyoid
                | Self::Sternum
                | Self::Atlas
                | Self::Axis
                | Self::CervicalVertebra
                | Self::ThoracicVertebra
                | Self::LumbarVertebra
                | Self::Sacrum
                | Self::Coccyx
        )
    }

    /// How many a person has: of a paired bone on each side.
    #[must_use]
    pub const fn per_side(self) -> usize {
        match self {
            Self::CervicalVertebra | Self::LumbarVertebra | Self::Metacarpal | Self::Tarsal | Self::Metatarsal => 5,
            Self::Carpal => 8,
            Self::ThoracicVertebra | Self::Rib => 12,
            Self::ManualPhalanx | Self::PedalPhalanx => 14,
            _ => 1,
        }
    }

    /// The zones it has.
    #[must_use]
    pub const fn zones(self) -> &'static [Zone] {
        use Zone as Z;
        match self {
            Self::Cranium => {
                &[Z::Frontal, Z::LeftParietal, Z::RightParietal, Z::Occipital, Z::LeftTemporal, Z::RightTemporal, Z::LeftFace, Z::RightFace]
            }
            Self::Mandible => &[Z::LeftRamus, Z::LeftBody, Z::RightBody, Z::RightRamus],
            Self::Sternum => &[Z::Manubrium, Z::SternalBody],
            Self::Atlas | Self::Axis | Self::CervicalVertebra | Self::ThoracicVertebra | Self::LumbarVertebra => &[Z::Centrum, Z::Arch],
            Self::Sacrum => &[Z::SacralBody, Z::LeftAla, Z::RightAla],
            Self::Scapula => &[Z::Glenoid, Z::Acromion, Z::Blade],
            Self::Clavicle | Self::Rib => &[Z::ProximalEnd, Z::MiddleShaft, Z::DistalEnd],
            Self::Humerus | Self::Radius | Self::Ulna | Self::Femur | Self::Tibia | Self::Fibula => {
                &[Z::ProximalEnd, Z::ProximalShaft, Z::MiddleShaft, Z::DistalShaft, Z::DistalEnd]
            }
            Self::OsCoxae => &[Z::Ilium, Z::Ischium, Z::Pubis, Z::Acetabulum],
            Self::Hyoid
            | Self::Coccyx
            | Self::Carpal
            | Self::Metacarpal
            | Self::ManualPhalanx
            | Self::Patella
            | Self::Talus
            | Self::Calcaneus
            | Self::Tarsal
            | Self::Metatarsal
            | Self::PedalPhalanx => &[Z::Whole],
        }
    }
}

/// What an inventory says of an element, as far as it bears on whose it can be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Anatomy {
    /// The bone.
    pub bone: Bone,
    /// Its side, of a paired bone; left out where it cannot be told.
    #[serde(default)]
    pub side: Option<Side>,
    /// Zones of which more than half is there; none where they were not recorded. A complete bone has all, also unsaid.
    #[serde(default)]
    pub zones: Vec<Zone>,
    /// How much of it is there.
    pub completeness: Completeness,
    /// Age at death as far as it tells.
    pub age_class: AgeClass,
}

impl Anatomy {
    /// The zones that are there: all of a complete bone.
    #[must_use]
    pub fn present(&self) -> &[Zone] {
        if self.completeness == Completeness::Complete { self.bone.zones() } else { &self.zones }
    }

    /// Notes what cannot be: a side of an unpaired bone, a zone of another bone, a zone twice, a complete bone that lacks zones.
    pub fn check(&self, at: &str, faults: &mut Violations) {
        if self.side.is_some() && !self.bone.is_paired() {
            faults.add(&format!("{at}/side"), "unpaired", format!("a person has one {} and it has no side; leave the side out", self.bone));
        }
        for (i, zone) in self.zones.iter().enumerate() {
            let pointer = format!("{at}/zones/{i}");
            if !self.bone.zones().contains(zone) {
                let own = self.bone.zones().iter().map(|z| z.as_str()).collect::<Vec<_>>().join(", ");
                faults.add(&pointer, "other_bone", format!("{} has no zone {zone}; its zones are {own}", self.bone));
            }
            if self.zones.iter().take(i).any(|z| z == zone) {
                faults.add(&pointer, "twice", "the zone stands there twice; take one out");
            }
        }
        let some = !self.zones.is_empty();
        if self.completeness == Completeness::Complete && some && self.bone.zones().iter().any(|z| !self.zones.contains(z)) {
            faults.add(
                &format!("{at}/completeness"),
                "lacks_zones",
                "a complete bone has all its zones; call it partial, or leave the zones out",
            );
        }
    }
}

/// Most measurements of an element.
const MOST_MEASUREMENTS: usize = 40;

/// Notes what no measurement of a bone is: names other than `a-z`, digits and `_`; millimetres outside 0.1 to 1000.
pub fn check_measurements(measurements: &BTreeMap<String, f64>, at: &str, faults: &mut Violations) {
    if measurements.len() > MOST_MEASUREMENTS {
        faults.add(at, "too_many", format!("holds more than {MOST_MEASUREMENTS} entries"));
    }
    for (name, millimetres) in measurements.iter().take(MOST_MEASUREMENTS) {
        let plain = !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain {
            faults.add(at, "measurement_name", "a measurement is named in small letters, digits and _, e.g. maximum_length");
        } else if !(0.1..=1000.0).contains(millimetres) {
            faults.add(&format!("{at}/{name}"), "out_of_range", "is a length in millimetres from 0.1 to 1000");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(anatomy: &Anatomy) -> Vec<(String, &'static str)> {
        let mut faults = Violations::default();
        anatomy.check("", &mut faults);
        faults.0.into_iter().map(|f| (f.pointer, f.code)).collect()
    }

    fn bone(bone: Bone) -> Anatomy {
        Anatomy { bone, side: None, zones: Vec::new(), completeness: Completeness::Partial, age_class: AgeClass::Adult }
    }

    #[test]
    fn a_side_is_refused_for_every_bone_that_has_none_and_taken_for_every_other() {
        for one in Bone::ALL {
            let told = Anatomy { side: Some(Side::Left), ..bone(*one) };
            assert_eq!(codes(&told).is_empty(), one.is_paired(), "{one}");
            assert!(codes(&bone(*one)).is_empty(), "{one} without a side");
        }
        let sternum = Anatomy { side: Some(Side::Left), ..bone(Bone::Sternum) };
        assert_eq!(codes(&sternum), [("/side".to_owned(), "unpaired")]);
    }

    #[test]
    fn zones_of_another_bone_and_zones_told_twice_are_refused_by_their_place() {
        let femur = Anatomy { zones: vec![Zone::DistalEnd, Zone::Frontal, Zone::DistalEnd], ..bone(Bone::Femur) };
        assert_eq!(codes(&femur), [("/zones/1".to_owned(), "other_bone"), ("/zones/2".to_owned(), "twice")]);
    }

    #[test]
    fn a_complete_bone_has_all_zones_unsaid_and_cannot_lack_one() {
        let whole = Anatomy { completeness: Completeness::Complete, ..bone(Bone::Femur) };
        assert!(codes(&whole).is_empty());
        assert_eq!(whole.present(), Bone::Femur.zones());
        let lacking = Anatomy { zones: vec![Zone::DistalEnd], ..whole };
        assert_eq!(codes(&lacking), [("/completeness".to_owned(), "lacks_zones")]);
    }

    #[test]
    fn ages_exclude_one_another_only_where_nobody_can_be_both() {
        use AgeClass as A;
        assert_eq!(A::Child.gap(A::Adult), Some(1));
        assert_eq!(A::Adult.gap(A::Child), Some(1));
        assert_eq!(A::Adolescent.gap(A::YoungAdult), Some(0));
        for class in A::ALL {
            assert_eq!(class.gap(A::Unknown), None);
            assert_eq!(class.gap(*class), None);
        }
        assert_eq!(A::Subadult.gap(A::Child), None);
    }

    #[test]
    fn a_measurement_is_a_length_with_a_plain_name() {
        let mut faults = Violations::default();
        let told = BTreeMap::from([("maximum_length".to_owned(), 441.0), ("Largo".to_owned(), 3.0), ("head_diameter".to_owned(), 0.0)]);
        check_measurements(&told, "/measurements", &mut faults);
        let codes: Vec<_> = faults.0.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        assert_eq!(codes, [("/measurements", "measurement_name"), ("/measurements/head_diameter", "out_of_range")]);
    }
}
