#![expect(clippy::unwrap_used, reason = "tests")]

use super::super::network::tests::shipped;
use super::super::network::{Corridors, RouteIndex};
use super::super::position::{Metres, Position};
use super::super::snap::{Snap, SnapOptions, uniform_prior};
use super::*;
use proptest::prelude::*;

fn at(lat: f64, lon: f64) -> Position {
    Position::new(lat, lon).unwrap()
}

/// A small generator for tests (SplitMix64).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn unit(random: &mut impl FnMut() -> u64) -> f64 {
    (random() >> 11) as f64 / (1u64 << 53) as f64
}

fn scattered(n: usize, random: &mut impl FnMut() -> u64) -> Vec<Event> {
    (0..n).map(|_| Event { at: at(15.0 + 4.0 * unit(random), -97.0 + 4.0 * unit(random)), day: (unit(random) * 700.0) as i32 }).collect()
}

fn scan(events: &[Event], shuffles: u32) -> Scan {
    let options = ScanOptions::new(50.0, 91, 7, shuffles).unwrap();
    permutation_scan(events, &options, 5, &mut numbers(7), &mut |_| true)
}

fn snaps(corridors: &Corridors, places: &[Position]) -> Vec<Snap> {
    let snap = |at: &Position| corridors.snap(*at, Metres::whole(1_000), &SnapOptions::default(), uniform_prior);
    places.iter().map(snap).collect()
}

/// Routes over straight legs, each a list of longitude and latitude.
fn routes(lines: &[&str]) -> Corridors {
    let feature = |(n, line): (usize, &&str)| {
        format!(
            r#"{{"type":"Feature","properties":{{"id":"r{n}","name":"r{n}","medium":"rail","mode":"train"}},
            "geometry":{{"type":"LineString","coordinates":{line}}}}}"#
        )
    };
    let features: Vec<String> = lines.iter().enumerate().map(feature).collect();
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    Corridors::from_texts(text.as_bytes(), b"route_id,seq,town,lon,lat,geonameid,measure_km\n").unwrap()
}

#[test]
fn nothing_gives_nothing_and_never_not_a_number() {
    assert!(space_time_clusters(&[], ClusterOptions::default()).is_empty());
    assert_eq!(scan(&[], 99), Scan::default());
    assert!(shared_signs(&[]).is_empty());
    let corridors = shipped();
    let density = NetworkDensity::new(&corridors, &[], DensityOptions::default());
    assert_eq!((density.on_routes(), density.off_route()), (0.0, 0.0));
    assert!(density.along(&corridors, RouteIndex(0)).unwrap().iter().all(|bin| bin.per_km == 0.0 && bin.events == 0));
    let one = [Event { at: at(16.0, -95.0), day: 3 }];
    assert!(space_time_clusters(&one, ClusterOptions::default()).is_empty() && scan(&one, 99).clusters.is_empty());
}

#[test]
fn settings_outside_what_makes_sense_are_refused() {
    assert_eq!(DensityOptions::new(9.0, 2.0).unwrap_err().to_string(), "the bandwidth in km is a number from 10 to 25");
    assert!(DensityOptions::new(f64::NAN, 2.0).is_err() && DensityOptions::new(15.0, 0.5).is_err());
    assert!(ClusterOptions::new(4.0, 60, 5).is_err() && ClusterOptions::new(15.0, 91, 5).is_err() && ClusterOptions::new(15.0, 60, 3).is_err());
    assert!(ScanOptions::new(50.0, 91, 7, 98).is_err() && ScanOptions::new(50.0, 91, 0, 999).is_err());
}

#[test]
fn one_event_in_the_middle_of_a_leg_has_the_shape_of_the_kernel() {
    let corridors = routes(&["[[0,0],[2,0]]"]);
    let density = NetworkDensity::new(&corridors, &snaps(&corridors, &[at(0.0, 1.0)]), DensityOptions::new(20.0, 1.0).unwrap());
    let bins = density.along(&corridors, RouteIndex(0)).unwrap();
    let top = bins.iter().max_by(|a, b| a.per_km.total_cmp(&b.per_km)).unwrap();
    assert!(((top.from_km + top.to_km) / 2.0 - 111.19).abs() < 1.0);
    let height = density.on_routes() * 15.0 / 16.0 / 20.0;
    assert!((top.per_km - height).abs() < 0.01 * height, "{} {height}", top.per_km);
    let reached = bins.iter().filter(|bin| bin.events == 1).count();
    assert!((40..=42).contains(&reached), "{reached}");
}

#[test]
fn at_a_junction_the_kernel_is_split_equally_and_at_an_end_it_turns_back() {
    // Three legs meet at (0, 0): the trunk from the west and two branches.
    let corridors = routes(&["[[-1,0],[0,0],[1,0.5]]", "[[-1,0],[0,0],[1,-0.5]]"]);
    let event = snaps(&corridors, &[at(0.0, -0.05)]);
    let options = DensityOptions::new(20.0, 1.0).unwrap();
    let density = NetworkDensity::new(&corridors, &event, options);
    let after = |route: u32| -> f64 {
        let bins = density.along(&corridors, RouteIndex(route)).unwrap();
        bins.iter().filter(|bin| bin.from_km > 111.1).map(|bin| bin.per_km * (bin.to_km - bin.from_km)).sum()
    };
    assert!((after(0) - after(1)).abs() < 1e-3 && after(0) > 0.05, "{} {}", after(0), after(1));
    let all = density.on(&corridors, RouteIndex(0)).unwrap() + after(1);
    assert!((all - density.on_routes()).abs() < 1e-6, "the parts make the whole");
    let at_the_end = NetworkDensity::new(&corridors, &snaps(&corridors, &[at(0.0, -1.0)]), options);
    assert!((at_the_end.on(&corridors, RouteIndex(0)).unwrap() - at_the_end.on_routes()).abs() < 1e-6, "nothing leaves at the end");
}

#[test]
fn a_planted_cluster_is_found_with_its_members_by_both_ways() {
    let mut random = numbers(3);
    let mut events = scattered(300, &mut random);
    let planted: Vec<usize> = (events.len()..events.len() + 12).collect();
    for _ in &planted {
        let place = at(16.2 + 0.04 * unit(&mut random), -95.1 + 0.04 * unit(&mut random));
        events.push(Event { at: place, day: 400 + (unit(&mut random) * 20.0) as i32 });
    }
    let clusters = space_time_clusters(&events, ClusterOptions::default());
    let cluster = clusters.iter().find(|cluster| planted.iter().all(|member| cluster.members.contains(member))).unwrap();
    assert!(cluster.centre.distance(at(16.22, -95.08)).km() < 10.0 && cluster.from_day >= 330 && cluster.to_day <= 490);
    let scan = scan(&events, 999);
    let best = &scan.clusters[0];
    assert!(best.p <= 0.002, "{best:?}");
    assert!(planted.iter().filter(|member| best.members.contains(member)).count() >= 11, "{best:?}");
    assert!((best.members.len() as f64) > 5.0 * best.expected);
    for (place, a) in scan.clusters.iter().enumerate() {
        assert!(scan.clusters[place + 1..].iter().all(|b| a.llr >= b.llr && a.members.iter().all(|m| !b.members.contains(m))));
    }
}

#[test]
fn the_likelihood_ratio_is_that_of_the_formula() {
    let mut events = scattered(100, &mut numbers(5));
    events.extend((0..8).map(|n| Event { at: at(30.0, -100.0), day: 100 + n }));
    let scan = scan(&events, 99);
    let best = &scan.clusters[0];
    let (all, c, mu) = (events.len() as f64, best.members.len() as f64, best.expected);
    let llr = c * (c / mu).ln() + (all - c) * ((all - c) / (all - mu)).ln();
    assert!((best.llr - llr).abs() < 1e-9, "{} {llr}", best.llr);
}

#[test]
fn without_any_link_of_place_and_time_p_is_spread_about_evenly() {
    let mut random = numbers(11);
    let mut p: Vec<f64> = (0..60)
        .filter_map(|_| {
            let events = scattered(150, &mut random);
            let options = ScanOptions::new(100.0, 180, 14, 99).unwrap();
            permutation_scan(&events, &options, 1, &mut random, &mut |_| true).clusters.first().map(|cluster| cluster.p)
        })
        .collect();
    p.sort_by(f64::total_cmp);
    assert!(p.len() > 50);
    let mean = p.iter().sum::<f64>() / p.len() as f64;
    assert!((0.38..0.62).contains(&mean), "{mean}");
    let low = p.iter().filter(|p| **p <= 0.1).count() as f64 / p.len() as f64;
    assert!(low <= 0.22, "{low}");
}

#[test]
fn a_scan_that_is_told_to_stop_says_on_how_many_shuffles_it_rests() {
    let mut events = scattered(100, &mut numbers(5));
    events.extend((0..8).map(|n| Event { at: at(30.0, -100.0), day: 100 + n }));
    let stopped = permutation_scan(&events, &ScanOptions::default(), 1, &mut numbers(1), &mut |done| done < 100);
    assert!(stopped.shuffles >= 100 && stopped.shuffles < 999);
    assert!((stopped.clusters[0].p - (1.0 + f64::from(stopped.clusters[0].as_strong)) / f64::from(stopped.shuffles + 1)).abs() < 1e-12);
}

#[test]
fn the_same_place_and_day_many_times_are_as_many_persons() {
    let same = vec![Event { at: at(16.0, -95.0), day: 10 }; 6];
    let clusters = space_time_clusters(&same, ClusterOptions::default());
    assert_eq!(clusters.len(), 1);
    assert_eq!((clusters[0].members.len(), clusters[0].radius.get()), (6, 0.0));
    assert!(scan(&same, 99).clusters.is_empty(), "where all are there is nothing to compare with");
}

#[test]
fn an_event_near_two_clusters_joins_the_nearer() {
    let on = |lon: f64| Event { at: at(0.0, lon), day: 0 };
    // Two groups of five, each with one member towards the middle; the last stands between, nearer to the first.
    let mut events = vec![on(-0.1); 4];
    events.push(on(0.0));
    events.extend([on(0.3); 4]);
    events.extend([on(0.2), on(0.09)]);
    let clusters = space_time_clusters(&events, ClusterOptions::new(12.5, 30, 5).unwrap());
    assert_eq!(clusters.iter().map(|cluster| cluster.members.clone()).collect::<Vec<_>>(), [vec![0, 1, 2, 3, 4, 10], vec![5, 6, 7, 8, 9]]);
}

fn sign(attribute: &str, value: &str) -> Sign {
    Sign { attribute: attribute.to_owned(), value: value.to_owned() }
}

#[test]
fn lift_is_that_of_the_formula_and_counts_only_where_both_are_recorded() {
    let mut cases = vec![vec![sign("train", "x"), sign("month", "2024-05")]; 6];
    cases.extend(vec![vec![sign("train", "y"), sign("month", "2024-06")]; 14]);
    cases.extend(vec![vec![sign("train", "x")]; 30]);
    cases.extend(vec![vec![sign("train", "x"), sign("month", "")]; 3]);
    cases.extend(vec![vec![sign("train", "x"), sign("month", "2024-06")]; 4]);
    let found = shared_signs(&cases);
    let pair = found.iter().find(|lift| lift.n_ab == 6).unwrap();
    assert_eq!((pair.n, pair.n_a, pair.n_b), (24, 6, 10));
    assert!((pair.lift - (6.0 / 24.0) / ((6.0 / 24.0) * (10.0 / 24.0))).abs() < 1e-12);
    assert_eq!(pair.members, (0..6).collect::<Vec<_>>());
    assert!(found.iter().all(|lift| lift.n_ab >= 5), "four together are no pattern");
    assert!(found.iter().all(|lift| lift.a.attribute != lift.b.attribute));
}

#[test]
fn two_values_of_one_attribute_are_no_pair() {
    let cases = vec![vec![sign("risk", "minor"), sign("risk", "alone"), sign("risk", "minor"), sign("month", "2024-05")]; 5];
    let found = shared_signs(&cases);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|lift| (lift.n_ab, lift.n_a, lift.n_b, lift.n) == (5, 5, 5, 5) && lift.lift == 1.0));
}

fn some_events() -> impl Strategy<Value = Vec<Event>> {
    // Few places and days, so that equals are frequent.
    let event = (0..12i32, 0..12i32, 0..20i32)
        .prop_map(|(lat, lon, day)| Event { at: at(16.0 + f64::from(lat) * 0.06, -95.0 + f64::from(lon) * 0.06), day: day * 17 });
    proptest::collection::vec(event, 0..80)
}

/// Events as a set of members, for comparing answers over permuted events.
fn told(events: &[Event], members: &[usize]) -> Vec<(i32, i64, i64)> {
    let mut keys: Vec<_> = members.iter().map(|member| key(&events[*member])).collect();
    keys.sort_unstable();
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_order_of_the_events_changes_nothing(events in some_events(), seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..events.len()).collect();
        let mut random = numbers(seed);
        order.sort_by_cached_key(|_| random());
        let permuted: Vec<Event> = order.iter().map(|number| events[*number]).collect();
        let clusters = |events: &[Event]| space_time_clusters(events, ClusterOptions::default());
        let (a, b) = (clusters(&events), clusters(&permuted));
        prop_assert_eq!(a.len(), b.len());
        for (x, y) in a.iter().zip(&b) {
            prop_assert_eq!(told(&events, &x.members), told(&permuted, &y.members));
            prop_assert!(!x.members.is_empty() && x.members.is_sorted());
            prop_assert!(x.members.iter().all(|m| x.centre.distance(events[*m].at).get() <= x.radius.get() + 1e-6));
        }
        let (a, b) = (scan(&events, 99), scan(&permuted, 99));
        prop_assert_eq!(a.clusters.len(), b.clusters.len());
        for (x, y) in a.clusters.iter().zip(&b.clusters) {
            prop_assert_eq!(told(&events, &x.members), told(&permuted, &y.members));
            prop_assert!(x.llr == y.llr && x.p == y.p && x.p > 0.0 && x.p <= 1.0 && x.llr.is_finite());
            prop_assert!(x.members.iter().all(|m| (x.from_day..=x.to_day).contains(&events[*m].day)));
            prop_assert!(x.members.iter().all(|m| x.centre.distance(events[*m].at).get() <= x.radius.get() + 1e-6));
        }
    }

    #[test]
    fn every_event_enters_the_density_whole(places in proptest::collection::vec((14.0..26.0f64, -106.0..-90.0f64), 0..25), seed in any::<u64>()) {
        thread_local!(static CORRIDORS: Corridors = shipped());
        CORRIDORS.with(|corridors| {
            let places: Vec<Position> = places.iter().map(|(lat, lon)| at(*lat, *lon)).collect();
            let mut snapped = snaps(corridors, &places);
            let density = NetworkDensity::new(corridors, &snapped, DensityOptions::default());
            assert!((density.on_routes() + density.off_route() - places.len() as f64).abs() < 1e-9);
            let laid: f64 = density.laid();
            assert!((laid - density.on_routes()).abs() < 1e-6 * (1.0 + laid), "{laid} {}", density.on_routes());
            let mut random = numbers(seed);
            snapped.sort_by_cached_key(|_| random());
            let again = NetworkDensity::new(corridors, &snapped, DensityOptions::default());
            for (route, _) in corridors.routes() {
                assert_eq!(density.along(corridors, route).unwrap(), again.along(corridors, route).unwrap());
                for bin in density.along(corridors, route).unwrap() {
                    assert!(bin.per_km.is_finite() && bin.per_km >= 0.0 && bin.events as usize <= places.len());
                }
            }
        });
    }
}
