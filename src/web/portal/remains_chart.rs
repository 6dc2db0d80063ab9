//! A skeleton, drawn by ourselves, seen from the front: its right side is on the reader's left. A bone that is there is filled, a part of one hatched; where there
//! are several, or a group of bones, a number says how many.

use crate::domain::individuals::minimum_number_of_individuals;
use crate::domain::skeleton::{Anatomy, Bone, Completeness, Side};
use std::fmt::Write;

/// Width of the drawing.
pub const WIDTH: i32 = 220;
/// Height of the drawing.
pub const HEIGHT: i32 = 448;
const MIDDLE: f64 = 110.0;

/// A bone in the drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct BoneShape {
    /// Which bone.
    pub bone: Bone,
    /// On which side, of a paired one.
    pub side: Option<Side>,
    /// The `d` of a path.
    pub d: String,
    /// `absent`, `part`, `present` or `several`.
    pub class: &'static str,
    /// How many; 0 where it is not there.
    pub count: usize,
    /// Whether the number is written beside it.
    pub counted: bool,
    /// Where the number stands.
    pub x: i32,
    /// Where the number stands.
    pub y: i32,
}

/// Half a body: the shapes of a bone, seen on the reader's left; x counts from the middle outwards.
enum Shape {
    /// From one point to another, so wide.
    Bar(f64, f64, f64, f64, f64),
    /// Middle and half axes.
    Ellipse(f64, f64, f64, f64),
    /// Corners.
    Corners(&'static [(f64, f64)]),
}

use Shape::{Bar, Corners, Ellipse};

/// The shapes of a bone, and where a number stands.
const fn shapes(bone: Bone) -> (&'static [Shape], (f64, f64)) {
    match bone {
        Bone::Cranium => (&[Ellipse(0.0, 30.0, 21.0, 25.0)], (0.0, 34.0)),
        Bone::Mandible => (&[Corners(&[(-15.0, 51.0), (15.0, 51.0), (11.0, 64.0), (0.0, 68.0), (-11.0, 64.0)])], (0.0, 63.0)),
        Bone::Hyoid => (&[Ellipse(0.0, 73.0, 6.0, 2.2)], (14.0, 77.0)),
        Bone::Atlas => (&[Bar(-6.0, 79.0, 6.0, 79.0, 4.0)], (16.0, 83.0)),
        Bone::Axis => (&[Bar(-6.0, 84.5, 6.0, 84.5, 4.0)], (16.0, 88.0)),
        Bone::CervicalVertebra => (&[Corners(&[(-6.0, 88.0), (6.0, 88.0), (7.0, 101.0), (-7.0, 101.0)])], (0.0, 99.0)),
        Bone::Sternum => {
            (&[Corners(&[(-8.0, 105.0), (8.0, 105.0), (5.0, 118.0), (5.0, 146.0), (0.0, 152.0), (-5.0, 146.0), (-5.0, 118.0)])], (0.0, 132.0))
        }
        Bone::ThoracicVertebra => (&[Corners(&[(-6.0, 155.0), (6.0, 155.0), (8.0, 184.0), (-8.0, 184.0)])], (0.0, 174.0)),
        Bone::LumbarVertebra => (&[Corners(&[(-8.0, 187.0), (8.0, 187.0), (10.0, 215.0), (-10.0, 215.0)])], (0.0, 206.0)),
        Bone::Sacrum => (&[Corners(&[(-13.0, 218.0), (13.0, 218.0), (4.0, 243.0), (-4.0, 243.0)])], (0.0, 233.0)),
        Bone::Coccyx => (&[Ellipse(0.0, 249.0, 3.0, 4.0)], (0.0, 264.0)),
        Bone::Clavicle => (&[Bar(11.0, 105.0, 42.0, 100.0, 5.0)], (28.0, 97.0)),
        Bone::Scapula => (&[Corners(&[(42.0, 106.0), (54.0, 108.0), (48.0, 142.0), (42.0, 132.0)])], (47.0, 126.0)),
        Bone::Rib => (
            &[
                Bar(10.0, 113.0, 34.0, 119.0, 4.0),
                Bar(10.0, 121.0, 37.0, 129.0, 4.0),
                Bar(10.0, 129.0, 38.0, 139.0, 4.0),
                Bar(10.0, 137.0, 38.0, 149.0, 4.0),
                Bar(10.0, 145.0, 36.0, 159.0, 4.0),
                Bar(11.0, 154.0, 33.0, 169.0, 4.0),
            ],
            (26.0, 144.0),
        ),
        Bone::Humerus => (&[Bar(59.0, 110.0, 68.0, 176.0, 8.0)], (64.0, 147.0)),
        Bone::Radius => (&[Bar(74.0, 184.0, 84.0, 238.0, 5.5)], (92.0, 212.0)),
        Bone::Ulna => (&[Bar(66.0, 184.0, 75.0, 238.0, 5.5)], (61.0, 216.0)),
        Bone::Carpal => (&[Ellipse(81.0, 247.0, 9.0, 5.5)], (97.0, 250.0)),
        Bone::Metacarpal => (
            &[
                Bar(74.0, 255.0, 72.0, 268.0, 3.0),
                Bar(78.5, 256.0, 78.5, 270.0, 3.0),
                Bar(83.0, 256.0, 84.5, 270.0, 3.0),
                Bar(87.5, 255.0, 90.5, 268.0, 3.0),
                Bar(91.0, 251.0, 97.0, 261.0, 3.0),
            ],
            (62.0, 266.0),
        ),
        Bone::ManualPhalanx => (
            &[
                Bar(71.5, 272.0, 70.0, 287.0, 3.0),
                Bar(78.5, 274.0, 78.5, 292.0, 3.0),
                Bar(85.0, 274.0, 87.0, 291.0, 3.0),
                Bar(91.5, 272.0, 95.0, 286.0, 3.0),
                Bar(99.0, 264.0, 103.0, 273.0, 3.0),
            ],
            (81.0, 305.0),
        ),
        Bone::OsCoxae => (
            &[Corners(&[(15.0, 214.0), (36.0, 208.0), (41.0, 222.0), (32.0, 240.0), (20.0, 258.0), (8.0, 254.0), (12.0, 240.0)])],
            (27.0, 232.0),
        ),
        Bone::Femur => (&[Bar(34.0, 248.0, 24.0, 324.0, 10.0)], (30.0, 290.0)),
        Bone::Patella => (&[Ellipse(23.0, 336.0, 6.0, 5.5)], (9.0, 340.0)),
        Bone::Tibia => (&[Bar(20.0, 348.0, 18.0, 404.0, 8.0)], (19.0, 380.0)),
        Bone::Fibula => (&[Bar(31.0, 349.0, 28.0, 404.0, 4.5)], (41.0, 380.0)),
        Bone::Talus => (&[Ellipse(20.0, 413.0, 7.0, 4.0)], (7.0, 415.0)),
        Bone::Calcaneus => (&[Ellipse(31.0, 416.0, 5.5, 4.5)], (43.0, 414.0)),
        Bone::Tarsal => (&[Ellipse(22.0, 421.0, 8.0, 3.2)], (7.0, 426.0)),
        Bone::Metatarsal => (
            &[
                Bar(18.0, 427.0, 15.0, 435.0, 2.6),
                Bar(22.0, 427.5, 20.5, 436.0, 2.6),
                Bar(26.0, 427.5, 26.0, 436.0, 2.6),
                Bar(30.0, 426.5, 31.5, 434.0, 2.6),
            ],
            (43.0, 431.0),
        ),
        Bone::PedalPhalanx => (
            &[
                Bar(14.0, 439.0, 13.0, 444.0, 2.6),
                Bar(20.0, 440.0, 20.0, 445.0, 2.6),
                Bar(26.0, 440.0, 26.5, 445.0, 2.6),
                Bar(32.0, 438.0, 33.5, 443.0, 2.6),
            ],
            (45.0, 446.0),
        ),
    }
}

fn path(shapes: &[Shape], at: impl Fn(f64) -> f64) -> String {
    let mut d = String::new();
    for shape in shapes {
        // Writing into a text does not fail.
        let _ = match shape {
            Bar(x1, y1, x2, y2, width) => {
                let (x1, x2, r) = (at(*x1), at(*x2), width / 2.0);
                let length = (x2 - x1).hypot(y2 - y1).max(0.1);
                let (nx, ny) = (-(y2 - y1) / length * r, (x2 - x1) / length * r);
                write!(
                    d,
                    "M{:.1} {:.1}L{:.1} {:.1}A{r:.1} {r:.1} 0 0 0 {:.1} {:.1}L{:.1} {:.1}A{r:.1} {r:.1} 0 0 0 {:.1} {:.1}Z",
                    x1 + nx,
                    y1 + ny,
                    x2 + nx,
                    y2 + ny,
                    x2 - nx,
                    y2 - ny,
                    x1 - nx,
                    y1 - ny,
                    x1 + nx,
                    y1 + ny
                )
            }
            Ellipse(cx, cy, rx, ry) => {
                let (left, right) = (at(*cx) - rx, at(*cx) + rx);
                write!(d, "M{left:.1} {cy:.1}A{rx:.1} {ry:.1} 0 1 0 {right:.1} {cy:.1}A{rx:.1} {ry:.1} 0 1 0 {left:.1} {cy:.1}Z")
            }
            Corners(points) => {
                let corners: Vec<String> = points.iter().map(|(x, y)| format!("{:.1} {y:.1}", at(*x))).collect();
                write!(d, "M{}Z", corners.join("L"))
            }
        };
    }
    d
}

fn whole(value: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "places in a drawing of some hundred units")]
    let whole = value.round() as i32;
    whole
}

/// Whether elements of one bone and side are more than a person has: two fragments may be of one bone.
fn several(here: &[Anatomy]) -> bool {
    minimum_number_of_individuals(here).individuals > 1
}

/// The skeleton with these elements. Those of a paired bone whose side could not be told are not in it.
#[must_use]
pub fn skeleton(elements: &[Anatomy]) -> Vec<BoneShape> {
    let mut drawn = Vec::new();
    for bone in Bone::ALL.iter().copied() {
        let sides: &[Option<Side>] = if bone.is_paired() { &[Some(Side::Right), Some(Side::Left)] } else { &[None] };
        for side in sides.iter().copied() {
            let here: Vec<Anatomy> = elements.iter().filter(|e| e.bone == bone && e.side == side).cloned().collect();
            let class = match here.len() {
                0 => "absent",
                _ if several(&here) => "several",
                _ if here.iter().all(|e| e.completeness != Completeness::Complete) => "part",
                _ => "present",
            };
            // The right side is on the reader's left.
            let at = |x: f64| if side == Some(Side::Right) { MIDDLE - x } else { MIDDLE + x };
            let (shapes, (x, y)) = shapes(bone);
            let counted = here.len() > 1 || (bone.per_side() > 1 && !here.is_empty());
            drawn.push(BoneShape { bone, side, d: path(shapes, at), class, count: here.len(), counted, x: whole(at(x)), y: whole(y) });
        }
    }
    drawn
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::domain::skeleton::{AgeClass, Zone};

    fn femur(side: Option<Side>, completeness: Completeness) -> Anatomy {
        Anatomy { bone: Bone::Femur, side, zones: Vec::new(), completeness, age_class: AgeClass::Adult }
    }

    fn shape(drawn: &[BoneShape], side: Side) -> &BoneShape {
        drawn.iter().find(|s| s.bone == Bone::Femur && s.side == Some(side)).unwrap()
    }

    #[test]
    fn every_bone_is_drawn_once_a_side_within_the_drawing_and_the_right_one_on_the_reader_s_left() {
        let drawn = skeleton(&[]);
        assert_eq!(drawn.len(), Bone::ALL.iter().map(|b| if b.is_paired() { 2 } else { 1 }).sum::<usize>());
        for shape in &drawn {
            assert_eq!((shape.class, shape.counted), ("absent", false));
            let numbers = shape.d.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).filter_map(|n| n.parse::<f64>().ok());
            assert!(numbers.into_iter().all(|n| (-1.0..=f64::from(HEIGHT)).contains(&n)), "{} {}", shape.bone, shape.d);
            assert!((0..=WIDTH).contains(&shape.x) && (0..=HEIGHT).contains(&shape.y), "{}", shape.bone);
        }
        assert!(f64::from(shape(&drawn, Side::Right).x) < MIDDLE && f64::from(shape(&drawn, Side::Left).x) > MIDDLE);
    }

    #[test]
    fn one_is_filled_a_part_hatched_several_numbered_and_one_without_a_side_not_drawn() {
        let left = Some(Side::Left);
        let class = |elements: &[Anatomy]| shape(&skeleton(elements), Side::Left).class;
        assert_eq!(class(&[femur(left, Completeness::Complete)]), "present");
        assert_eq!(class(&[femur(left, Completeness::Fragment)]), "part");
        assert_eq!(class(&[femur(None, Completeness::Complete)]), "absent");
        let pieces = [Zone::ProximalEnd, Zone::DistalEnd].map(|z| Anatomy { zones: vec![z], ..femur(left, Completeness::Partial) });
        assert_eq!(class(&pieces), "part", "they may be of one bone");
        let two = skeleton(&[femur(left, Completeness::Complete), femur(left, Completeness::Complete)]);
        assert_eq!((shape(&two, Side::Left).class, shape(&two, Side::Left).count, shape(&two, Side::Left).counted), ("several", 2, true));
        assert_eq!(shape(&two, Side::Right).class, "absent");
    }
}
