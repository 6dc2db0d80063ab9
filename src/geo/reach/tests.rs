use proptest::prelude::*;

use super::*;

fn unit(lat: f64, lon: f64) -> UnitVector {
    Position::new(lat, lon).unwrap().unit()
}

fn cell(lat: f64, lon: f64) -> Cell {
    cell_of(unit(lat, lon))
}

fn line(id: &str, medium: &str, points: &str) -> String {
    format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"id":"{id}","medium":"{medium}"}},"geometry":{{"type":"LineString","coordinates":{points}}}}}]}}"#
    )
}

/// An invented region: one road northwards from 10 to 20 degrees, one river southwards beside its beginning.
fn invented(medium: &str) -> Reach {
    let routes = Corridors::from_geojson(line("road", medium, "[[5,10],[5,12],[5,15],[5,20]]").as_bytes()).unwrap().0;
    let river = line("river", "foot", "[[5,11],[5.2,10.5],[5,10],[5,8]]");
    Reach::new(&routes, Some(river.as_bytes()), Reach::default_parameters().unwrap()).unwrap()
}

#[test]
fn a_journey_runs_with_the_routes_against_them_or_from_branch_to_branch() {
    let reach = Reach::standard().unwrap();
    let (ixtepec, huehuetoca, laredo, juarez) = (cell(16.56, -95.1), cell(19.83, -99.2), cell(27.4, -99.6), cell(31.7, -106.4));
    assert_eq!(reach.step(ixtepec, huehuetoca).way, Way::Ahead);
    assert_eq!(reach.step(huehuetoca, ixtepec).way, Way::Behind);
    assert_eq!(reach.step(laredo, juarez).way, Way::Across);
    assert_eq!(reach.step(ixtepec, ixtepec).way, Way::Near);
    assert_eq!(reach.step(ixtepec, cell(48.0, 2.0)).way, Way::Unknown);
    // Handed over at the border, from a place beyond it.
    assert_eq!(reach.step(huehuetoca, cell(14.68, -92.14)).way, Way::Returned);
}

#[test]
fn what_lies_farther_takes_longer_and_the_medium_decides_how_long() {
    let class = |medium: &str, lat: f64| invented(medium).step(cell(10.1, 5.1), cell(lat, 5.1)).class;
    for medium in ["rail", "land", "foot"] {
        assert!(class(medium, 11.1) <= class(medium, 14.1) && class(medium, 14.1) <= class(medium, 19.1), "{medium}");
    }
    assert!(class("foot", 19.1) > class("rail", 19.1) && class("rail", 19.1) > class("land", 19.1));
}

#[test]
fn a_route_travelled_both_ways_has_no_direction() {
    let routes = Corridors::from_geojson(line("road", "land", "[[5,10],[5,20]]").as_bytes()).unwrap().0;
    let mut parameters = Reach::default_parameters().unwrap();
    parameters.network.both_ways.push("road".to_owned());
    let reach = Reach::new(&routes, None, parameters.clone()).unwrap();
    assert_eq!(reach.step(cell(11.1, 5.1), cell(18.1, 5.1)).way, Way::Unknown);
    parameters.network.both_ways.push("railway".to_owned());
    assert!(Reach::new(&routes, None, parameters).unwrap_err().to_string().contains("railway"));
}

#[test]
fn water_carries_downstream_and_hardly_ever_upstream() {
    let reach = invented("land");
    let by = |lat: f64| (unit(lat, 5.0), 1.0);
    let contact = (unit(9.99, 5.02), 2.0);
    let down = reach.carried(contact, by(9.7), 8.0).unwrap();
    let up = reach.carried(contact, (unit(10.5, 5.2), 1.0), 8.0).unwrap();
    assert!(down.likely > 1.0 && up.likely < 0.01, "{down:?} {up:?}");
    assert!(down.share > 0.9 && down.share < 1.0);
    assert!(reach.carried(contact, (unit(9.7, 5.3), 1.0), 8.0).is_none(), "not at the water");
    assert!(reach.carried((unit(9.99, 6.0), 2.0), by(9.7), 8.0).is_none(), "last heard of elsewhere");
}

#[test]
fn a_river_carries_farther_the_longer_it_has_time_for() {
    let reach = invented("land");
    let likely = |days: f64| reach.carried((unit(9.99, 5.0), 1.0), (unit(8.9, 5.0), 1.0), days).unwrap().likely;
    assert!(likely(1.0) < likely(4.0) && likely(4.0) < likely(8.0));
    assert_eq!(likely(8.0), likely(800.0), "caught by then");
}

#[test]
fn a_finding_placed_badly_is_hardly_told_to_lie_at_the_water() {
    let reach = invented("land");
    let share = |radius: f64| reach.carried((unit(9.99, 5.0), 1.0), (unit(9.7, 5.0), radius), 8.0).unwrap().share;
    assert!(share(30.0) < 0.2 * share(1.0));
}

#[test]
fn drift_at_sea_grows_with_time_until_nothing_floats() {
    let reach = invented("sea");
    assert_eq!(reach.drift_km(0.0), 0.0);
    assert_eq!(reach.drift_km(-4.0), 0.0);
    assert!(reach.drift_km(1.0) < reach.drift_km(5.0) && reach.drift_km(5.0) < reach.drift_km(19.0));
    assert_eq!(reach.drift_km(20.0), reach.drift_km(2000.0));
    assert!(reach.step(cell(10.1, 5.1), cell(14.1, 5.1)).sea && !invented("land").step(cell(10.1, 5.1), cell(14.1, 5.1)).sea);
}

#[test]
fn the_gamma_tail_is_that_of_tables() {
    // P(chi squared of 3 degrees > 2x).
    for (x, p) in [(0.0, 1.0), (1.183_0, 0.5), (3.907_4, 0.05), (5.672_4, 0.01)] {
        assert!((gamma_above(x) - p).abs() < 1e-4, "{x}: {}", gamma_above(x));
    }
}

#[test]
fn a_parameter_that_cannot_be_is_refused_by_name() {
    let refused = |from: &str, to: &str| ReachParameters::from_toml(&PARAMETERS.replace(from, to)).unwrap_err().to_string();
    assert!(refused("behind = 0.15", "behind = 0.0").contains("way.behind"));
    assert!(refused("behind = 0.15", "behind = nan").contains("way.behind"));
    assert!(refused("p05 = 8.0", "p05 = 25.0").contains("foot"));
    assert!(refused("behind", "backwards").contains("backwards"));
}

proptest! {
    #[test]
    fn every_step_has_a_time_of_travel_and_takes_as_long_back(
        a in (-90.0..90.0_f64, -180.0..180.0_f64), b in (8.0..33.0_f64, -118.0..-77.0_f64), c in (8.0..33.0_f64, -118.0..-77.0_f64)
    ) {
        let reach = Reach::standard().unwrap();
        for (from, to) in [(a, b), (b, c), (c, a)] {
            let (from, to) = (cell(from.0, from.1), cell(to.0, to.1));
            let (there, back) = (reach.step(from, to), reach.step(to, from));
            prop_assert!(usize::from(there.class) < reach.travel().len());
            prop_assert_eq!((there.sea, there.river), (back.sea, back.river));
            if there.way != Way::Returned && back.way != Way::Returned {
                prop_assert_eq!(there.class, back.class);
                prop_assert_eq!(there.way == Way::Ahead, back.way == Way::Behind);
            }
        }
    }
}
