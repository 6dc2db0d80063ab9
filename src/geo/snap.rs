//! Snapping: on which routes may an uncertain position lie, with what weight, and how likely is it off every route.

use std::f64::consts::TAU;

use serde::Serialize;
use thiserror::Error;

use super::line::Line;
use super::network::{Corridors, Route, RouteIndex};
use super::normal::normal_density;
use super::position::{Metres, Position};
use super::segment::Foot;
use super::sphere::{self, EARTH_RADIUS_M, UnitVector};

/// Alternatives, the heaviest first, are marked as kept until their weights reach this sum.
pub const KEPT_WEIGHT: f64 = 0.95;

/// Half of the central 95 % of a normal, in standard deviations.
const CENTRAL_95: f64 = 1.96;

/// Routes farther than this many standard deviations are no candidates.
const REACH_SIGMAS: f64 = 3.0;

/// A line whose chord is at least this share of its length is straight.
const STRAIGHT_SHARE: f64 = 0.95;

/// What stands beside the routes: the search region and how likely a position is off every route beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SnapOptions {
    region_area_km2: f64,
    off_route_prior: f64,
}

/// Options that make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SnapOptionsError {
    /// The area is not a positive number.
    #[error("the area of the search region must be a positive number of square kilometres")]
    Area,
    /// The prior is negative or not a number.
    #[error("the prior weight of lying off every route must be a number, zero or more")]
    OffRoutePrior,
}

impl SnapOptions {
    /// Area of the search region taken by default: 2,000,000 km2, about the land of Mexico (1.96 million).
    pub const DEFAULT_REGION_AREA_KM2: f64 = 2_000_000.0;

    /// `region_area_km2` is the area A over which a position off every route is taken to be spread evenly (a larger
    /// region makes "off route" weaker near a route); `off_route_prior` its prior weight, on the scale of the routes'.
    pub fn new(region_area_km2: f64, off_route_prior: f64) -> Result<SnapOptions, SnapOptionsError> {
        if !(region_area_km2.is_finite() && region_area_km2 > 0.0) {
            Err(SnapOptionsError::Area)
        } else if !(off_route_prior.is_finite() && off_route_prior >= 0.0) {
            Err(SnapOptionsError::OffRoutePrior)
        } else {
            Ok(SnapOptions { region_area_km2, off_route_prior })
        }
    }
}

impl Default for SnapOptions {
    /// The default region, and "off route" as likely beforehand as one route.
    fn default() -> SnapOptions {
        SnapOptions { region_area_km2: SnapOptions::DEFAULT_REGION_AREA_KM2, off_route_prior: 1.0 }
    }
}

/// The prior that prefers no route: 1 for each.
pub fn uniform_prior(_: RouteIndex, _: &Route) -> f64 {
    1.0
}

/// How the density of a position given a route was worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapRule {
    /// The line is straight at the scale of the uncertainty: `N(d; 0, sigma^2 + h^2) / L`.
    Straight,
    /// It is not: the round normal of variance `sigma^2 + h^2` per axis, integrated along the whole line.
    Integrated,
}

/// One route on which the position may lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SnapCandidate {
    /// The route.
    pub route: RouteIndex,
    /// Measure of the nearest point of the line.
    pub measure_km: f64,
    /// `measure - 1.96 sigma`, not before the start of the route.
    pub measure_low_km: f64,
    /// `measure + 1.96 sigma`, not past the end of the route.
    pub measure_high_km: f64,
    /// Great-circle distance to the nearest point of the line.
    pub distance_km: f64,
    /// Weight among all candidates and "off route", which together are 1.
    pub weight: f64,
    /// True for the heaviest alternatives that together reach [`KEPT_WEIGHT`]; the others are to be stored all the same.
    pub kept: bool,
    /// How the weight was worked out.
    pub rule: SnapRule,
}

/// Every alternative for one position. To be stored whole, never only the nearest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snap {
    /// The candidate routes, the heaviest first.
    pub candidates: Vec<SnapCandidate>,
    /// Weight of lying off every route; with the candidates' weights it makes 1.
    pub off_route_weight: f64,
    /// True when "off route" belongs to the heaviest alternatives that reach [`KEPT_WEIGHT`].
    pub off_route_kept: bool,
}

impl Snap {
    /// The heaviest alternative; `None` when that is "off route".
    pub fn best(&self) -> Option<&SnapCandidate> {
        let first = self.candidates.first()?;
        (first.weight >= self.off_route_weight).then_some(first)
    }
}

impl Corridors {
    /// The routes on which a position with standard deviation `sigma` per axis may lie, with weights (`geo.md` 4.1).
    ///
    /// With half-width `h_i`, length `L_i` and `tau_i^2 = sigma^2 + h_i^2`, every route within `3 tau_i` is a candidate
    /// of density `p(x|i) = N(d_i; 0, tau_i^2) / L_i` per km2; "off route" has `p(x|0) = 1 / A`. The weight is
    /// `w_i = pi_i p(x|i) / sum_j pi_j p(x|j)`, where `prior` gives `pi_i` (a number that is not finite and positive
    /// counts as 0) on any common scale with [`SnapOptions`]'s off-route prior.
    ///
    /// **Rule for lines that are not straight.** The formula for `p(x|i)` holds where the line is straight at the scale
    /// of `sigma`. It is called straight when the chord between the measures `s_i - 2 sigma` and `s_i + 2 sigma` (held
    /// within the route) is at least 95 % of the line between them, and the route is at least `4 sigma` long. Else
    /// `p(x|i) = (1/L_i) * integral of N2(x - line(s); tau_i^2 I) ds`, by the midpoint rule in steps of at most 1 km.
    /// Under `tau_i` = 1 km the straight formula is always used: steps of 1 km would be too coarse, and so is the data.
    ///
    /// Of a stretch that one route travels twice the first measure is given. Cost: a search for the routes whose boxes
    /// are in reach of the widest corridor, a nearest-segment search (about 1 us) for each, up to 10 us per route that is
    /// integrated.
    pub fn snap(&self, at: Position, sigma: Metres, options: &SnapOptions, prior: impl Fn(RouteIndex, &Route) -> f64) -> Snap {
        let (p, sigma_km) = (at.unit(), sigma.km());
        let mut candidates = Vec::new();
        // An arc in radians is never shorter than its chord, so this never loses a route in reach.
        let radians = |km: f64| REACH_SIGMAS * sigma_km.hypot(km) * 1000.0 / EARTH_RADIUS_M;
        for index in self.boxes_within(p, radians(self.widest_km)) {
            let (route, line) = (&self.routes[index.0 as usize], &self.lines[index.0 as usize]);
            let tau_km = sigma_km.hypot(route.half_width_km);
            let reach_m = REACH_SIGMAS * tau_km * 1000.0;
            let Some(foot) = line.foot_below(p, radians(route.half_width_km).powi(2)).filter(|foot| foot.distance_m <= reach_m) else {
                continue;
            };
            let (density, rule) = density_per_km2(line, p, foot, sigma_km, tau_km);
            let prior = Some(prior(index, route)).filter(|prior| prior.is_finite() && *prior > 0.0);
            let measure_km = foot.measure_m / 1000.0;
            candidates.push(SnapCandidate {
                route: index,
                measure_km,
                measure_low_km: (measure_km - CENTRAL_95 * sigma_km).max(0.0),
                measure_high_km: (measure_km + CENTRAL_95 * sigma_km).min(route.length_km),
                distance_km: foot.distance_m / 1000.0,
                weight: density * prior.unwrap_or(0.0),
                kept: false,
                rule,
            });
        }
        weigh(candidates, options.off_route_prior / options.region_area_km2)
    }
}

/// Makes densities times priors into weights, sorts, and marks what reaches [`KEPT_WEIGHT`].
fn weigh(mut candidates: Vec<SnapCandidate>, off_route: f64) -> Snap {
    let total: f64 = off_route + candidates.iter().map(|candidate| candidate.weight).sum::<f64>();
    let off_route_weight = if total > 0.0 { off_route / total } else { 1.0 };
    for candidate in &mut candidates {
        candidate.weight = if total > 0.0 { candidate.weight / total } else { 0.0 };
    }
    candidates.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let mut sum = 0.0;
    let mut off_route_kept = false;
    for candidate in &mut candidates {
        if !off_route_kept && off_route_weight > candidate.weight && sum < KEPT_WEIGHT {
            off_route_kept = true;
            sum += off_route_weight;
        }
        candidate.kept = sum < KEPT_WEIGHT;
        sum += candidate.weight;
    }
    let reached_without = !off_route_kept && sum >= KEPT_WEIGHT;
    Snap { candidates, off_route_weight, off_route_kept: !reached_without }
}

fn density_per_km2(line: &Line, p: UnitVector, foot: Foot, sigma_km: f64, tau_km: f64) -> (f64, SnapRule) {
    if tau_km < 1.0 || is_straight(line, foot.measure_m, sigma_km * 1000.0) {
        let length_km = line.length_m() / 1000.0;
        (normal_density(foot.distance_m / 1000.0, tau_km) / length_km, SnapRule::Straight)
    } else {
        (integrated_density(line, p, tau_km), SnapRule::Integrated)
    }
}

fn is_straight(line: &Line, measure_m: f64, sigma_m: f64) -> bool {
    if line.length_m() < 4.0 * sigma_m {
        return false;
    }
    let from = (measure_m - 2.0 * sigma_m).max(0.0);
    let to = (measure_m + 2.0 * sigma_m).min(line.length_m());
    if line.one_segment_holds(from, to) {
        return true;
    }
    if line.gap_between(from, to) {
        return false;
    }
    let chord = sphere::distance_2(line.at(from), line.at(to)).sqrt();
    sphere::metres_from_chord(chord) >= STRAIGHT_SHARE * (to - from)
}

/// `(1/L) * integral N2(x - line(s); tau^2 I) ds`. Because the distance changes by at most a step per step, samples
/// that must be farther than 5 tau are jumped over, up to the next gap of the line.
fn integrated_density(line: &Line, p: UnitVector, tau_km: f64) -> f64 {
    let samples = line.samples();
    let radius_km = EARTH_RADIUS_M / 1000.0;
    let cut_km = 5.0 * tau_km;
    let mut sum = 0.0;
    let mut k = 0;
    while let Some(&sample) = samples.get(k) {
        // The chord is short of the arc by a part in 10^4 at 300 km: nothing beside the model's own roughness.
        let distance_2 = sphere::distance_2(p, sample) * radius_km * radius_km;
        if distance_2 <= cut_km * cut_km {
            sum += (-distance_2 / (2.0 * tau_km * tau_km)).exp();
            k += 1;
        } else {
            let steps = ((distance_2.sqrt() - cut_km) / line.step_km()) as usize;
            k += steps.clamp(1, line.samples_before_gap(k));
        }
    }
    // The step over the length is one over the number of samples.
    sum / (samples.len() as f64 * TAU * tau_km * tau_km)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::super::network::tests::shipped;
    use super::super::position::tests::any_position;
    use super::*;

    fn at(lat: f64, lon: f64) -> Position {
        Position::new(lat, lon).unwrap()
    }

    fn one_route(coordinates: &str) -> Corridors {
        let geojson = format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":
            {{"id":"a","name":"A","medium":"rail","mode":"train"}},
            "geometry":{{"type":"LineString","coordinates":{coordinates}}}}}]}}"#
        );
        Corridors::from_texts(geojson.as_bytes(), b"route_id,seq,town,lon,lat,geonameid,measure_km\n").unwrap()
    }

    #[test]
    fn a_town_on_the_trunk_lies_on_the_trunk() {
        let corridors = shipped();
        let snap = corridors.snap(at(18.8842, -96.9256), Metres::whole(817), &SnapOptions::default(), uniform_prior);
        let best = snap.best().unwrap();
        assert_eq!(corridors.route(best.route).unwrap().id, "bestia_centre");
        assert!((best.measure_km - 286.8).abs() < 3.0 && best.distance_km < 3.0);
        assert!((best.measure_high_km - best.measure_low_km - 2.0 * 1.96 * 0.817).abs() < 1e-9);
        assert!(best.kept && snap.off_route_weight < 0.05);
    }

    #[test]
    fn far_from_every_route_all_weight_is_off_route() {
        let snap = shipped().snap(at(-45.0, 100.0), Metres::whole(100), &SnapOptions::default(), uniform_prior);
        assert!(snap.candidates.is_empty() && snap.best().is_none());
        assert_eq!((snap.off_route_weight, snap.off_route_kept), (1.0, true));
    }

    #[test]
    fn where_routes_meet_every_one_is_a_candidate() {
        let corridors = shipped();
        let snap = corridors.snap(at(17.55, -95.04), Metres::whole(817), &SnapOptions::default(), uniform_prior);
        let ids: Vec<&str> = snap.candidates.iter().map(|candidate| corridors.route(candidate.route).unwrap().id.as_str()).collect();
        for id in ["bestia_south_pacific", "bestia_south_gulf", "bestia_centre"] {
            assert!(ids.contains(&id), "{ids:?}");
        }
    }

    #[test]
    fn a_prior_moves_the_weight_and_zero_takes_it_away() {
        let corridors = shipped();
        let trunk = corridors.find("bestia_centre").unwrap();
        let weight = |prior: f64| {
            let prior = |route, _: &Route| if route == trunk { prior } else { 1.0 };
            let snap = corridors.snap(at(17.6, -95.1), Metres::whole(500), &SnapOptions::default(), prior);
            snap.candidates.iter().find(|candidate| candidate.route == trunk).unwrap().weight
        };
        assert!(weight(10.0) > weight(1.0) && weight(1.0) > 0.0);
        assert_eq!((weight(0.0), weight(f64::NAN)), (0.0, 0.0));
    }

    #[test]
    fn a_straight_line_has_the_same_density_by_both_rules() {
        let corridors = one_route("[[0,0],[1,0],[2,0],[3,0],[4,0],[5,0],[6,0]]");
        let line = corridors.line(RouteIndex(0)).unwrap();
        for lat in [0.0, 0.05, 0.2] {
            let p = at(lat, 3.0).unit();
            let straight = normal_density(line.foot(p).distance_m / 1000.0, 11.0) / (line.length_m() / 1000.0);
            let integrated = integrated_density(line, p, 11.0);
            assert!((integrated / straight - 1.0).abs() < 1e-3, "{lat}: {integrated} {straight}");
        }
    }

    #[test]
    fn the_density_of_a_bent_line_sums_to_one_over_the_plane() {
        let corridors = one_route("[[0,0],[0.5,0],[0.5,0.5],[0.2,0.3]]");
        let line = corridors.line(RouteIndex(0)).unwrap();
        let cell_km = 0.02_f64.to_radians() * EARTH_RADIUS_M / 1000.0;
        let mut sum = 0.0;
        for (i, j) in (-60..90).flat_map(|i| (-60..90).map(move |j| (i, j))) {
            let p = at(f64::from(i) * 0.02, f64::from(j) * 0.02).unit();
            sum += integrated_density(line, p, 20.0) * cell_km * cell_km;
        }
        assert!((sum - 1.0).abs() < 0.01, "{sum}");
    }

    #[test]
    fn a_bend_inside_the_uncertainty_is_integrated() {
        let corridors = one_route("[[0,0],[1,0],[1,1]]");
        let rule = |lat: f64, lon: f64, sigma: u32| {
            let snap = corridors.snap(at(lat, lon), Metres::whole(sigma), &SnapOptions::default(), uniform_prior);
            snap.candidates[0].rule
        };
        assert_eq!(rule(0.0, 1.0, 5_000), SnapRule::Integrated, "at the bend");
        assert_eq!(rule(0.0, 0.5, 5_000), SnapRule::Straight, "in the middle of a leg");
        assert_eq!(rule(0.0, 0.5, 100_000), SnapRule::Integrated, "longer than the route");
    }

    #[test]
    fn the_measure_interval_stays_on_the_route() {
        let snap = one_route("[[0,0],[1,0]]").snap(at(0.0, 0.01), Metres::whole(15_000), &SnapOptions::default(), uniform_prior);
        let best = snap.candidates[0];
        assert_eq!(best.measure_low_km, 0.0);
        assert!(best.measure_high_km > 30.0 && best.measure_high_km < 31.0);
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        assert_eq!(SnapOptions::new(0.0, 1.0), Err(SnapOptionsError::Area));
        assert_eq!(SnapOptions::new(1.0, f64::NAN), Err(SnapOptionsError::OffRoutePrior));
        let never_off = SnapOptions::new(1e6, 0.0).unwrap();
        let nowhere = shipped().snap(at(-45.0, 100.0), Metres::ZERO, &never_off, uniform_prior);
        assert_eq!(nowhere.off_route_weight, 1.0, "something must be");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn weights_sum_to_one_and_candidates_are_all_routes_in_reach(
            place in prop_oneof![
                3 => (8.0..33.0, -118.0..-82.0).prop_map(|(lat, lon)| at(lat, lon)),
                1 => any_position(),
            ],
            sigma in prop_oneof![Just(0.0), 10.0..2_000.0, 2_000.0..150_000.0],
        ) {
            thread_local!(static CORRIDORS: Corridors = shipped());
            CORRIDORS.with(|corridors| {
                let sigma = Metres::new(sigma).unwrap();
                let snap = corridors.snap(place, sigma, &SnapOptions::default(), uniform_prior);
                let sum: f64 = snap.candidates.iter().map(|candidate| candidate.weight).sum();
                assert!((sum + snap.off_route_weight - 1.0).abs() < 1e-12);
                for (index, route) in corridors.routes() {
                    let nearest = corridors.locate(index, place).unwrap();
                    let reach = 3.0 * sigma.km().hypot(route.half_width_km);
                    let candidate = snap.candidates.iter().find(|candidate| candidate.route == index);
                    assert_eq!(candidate.is_some(), nearest.distance_km <= reach, "{}", route.id);
                    if let Some(candidate) = candidate {
                        assert!(candidate.weight.is_finite() && candidate.weight >= 0.0);
                        assert!(candidate.measure_low_km <= candidate.measure_km);
                        assert!(candidate.measure_km <= candidate.measure_high_km + 1e-9);
                    }
                }
                let kept: f64 = snap.candidates.iter().filter(|c| c.kept).map(|c| c.weight).sum::<f64>()
                    + if snap.off_route_kept { snap.off_route_weight } else { 0.0 };
                assert!(kept >= KEPT_WEIGHT - 1e-12);
            });
        }
    }
}
