//! Vector arithmetic on the unit sphere, and chord length against metres on the ground.

/// Mean radius of the Earth in metres (IUGG R1 of GRS80: 6371.0088 km).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point on the unit sphere: x towards (0, 0), y towards (0, 90 E), z towards the north pole.
pub type UnitVector = [f64; 3];

/// Half the circumference in metres: no two points are farther apart.
pub(super) const HALF_CIRCUMFERENCE_M: f64 = std::f64::consts::PI * EARTH_RADIUS_M;

/// Length of the straight chord (unit sphere, 0..=2) under an arc of `metres`: `2 sin(d / 2R)`.
///
/// The chord grows with the arc, so ordering by chord is ordering by great-circle distance. Arcs beyond half the
/// circumference give 2.
pub fn chord_from_metres(metres: f64) -> f64 {
    2.0 * (metres.clamp(0.0, HALF_CIRCUMFERENCE_M) / (2.0 * EARTH_RADIUS_M)).sin()
}

/// Great-circle metres over a chord of the unit sphere, the inverse of [`chord_from_metres`].
pub fn metres_from_chord(chord: f64) -> f64 {
    let half = (chord / 2.0).clamp(0.0, 1.0);
    let angle = if half < 0.01 {
        // The first three terms of asin; what is left out is below 5e-14 of the result up to 127 km.
        let s = half * half;
        half * (1.0 + s * (1.0 / 6.0 + s * (3.0 / 40.0)))
    } else {
        half.asin()
    };
    2.0 * EARTH_RADIUS_M * angle
}

pub(super) fn dot(a: UnitVector, b: UnitVector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(super) fn cross(a: UnitVector, b: UnitVector) -> UnitVector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// `a * s + b * t`.
pub(super) fn combine(a: UnitVector, s: f64, b: UnitVector, t: f64) -> UnitVector {
    [a[0] * s + b[0] * t, a[1] * s + b[1] * t, a[2] * s + b[2] * t]
}

/// Square of the straight distance.
pub(super) fn distance_2(a: UnitVector, b: UnitVector) -> f64 {
    let d = combine(a, 1.0, b, -1.0);
    dot(d, d)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn chord_and_metres_are_inverse(metres in prop_oneof![0.0..200_000.0, 0.0..1.9e7]) {
            let back = metres_from_chord(chord_from_metres(metres));
            prop_assert!((back - metres).abs() <= 1e-6 + metres * 1e-9, "{metres} {back}");
        }
    }

    #[test]
    fn chords_stop_growing_at_the_antipode() {
        assert!((chord_from_metres(1e9) - 2.0).abs() < 1e-12);
        assert!((metres_from_chord(2.0) - HALF_CIRCUMFERENCE_M).abs() < 1e-6);
        assert!((metres_from_chord(2.1) - HALF_CIRCUMFERENCE_M).abs() < 1e-6);
    }
}
