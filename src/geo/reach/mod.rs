//! The reach model: how far, how fast and which way people travel over the corridors of a region, and where water takes remains.
//!
//! Everything of it comes from a network of [`Corridors`], a file of parameters and a file of rivers: another region is another folder. Travel is
//! told between half-degree cells ([`Reach::step`]), so that a bound over a cell is exact: the way a journey runs, and its median days as one of
//! a few classes ([`Reach::travel`]). `docs/reach.md` has the formulas and their sources.

mod parameters;
mod travel;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use parameters::{
    Moved, NetworkParameters, ReachError, ReachParameters, ReturnPlace, Returns, RiverParameters, SeaParameters, Speed, Speeds, Stay, Ways,
};

use super::network::{Corridors, RouteIndex};
use super::normal::normal_cdf;
use super::position::Position;
use super::sphere::{self, UnitVector};
use parameters::MOST_RIVERS;
use travel::{Access, Travel};

/// A cell of half a degree: rows northwards from the equator, columns eastwards from Greenwich.
pub type Cell = (i32, i32);

/// The cell a point lies in.
#[must_use]
pub fn cell_of([x, y, z]: UnitVector) -> Cell {
    ((z.clamp(-1.0, 1.0).asin().to_degrees() * 2.0).floor() as i32, (y.atan2(x).to_degrees() * 2.0).floor() as i32)
}

/// The unit vector of the middle of a cell.
#[must_use]
pub fn cell_centre((row, column): Cell) -> UnitVector {
    let radians = |n: i32| ((f64::from(n) + 0.5) / 2.0).to_radians();
    let (phi, lambda) = (radians(row), radians(column));
    [phi.cos() * lambda.cos(), phi.cos() * lambda.sin(), phi.sin()]
}

/// Great-circle kilometres.
fn kilometres(a: UnitVector, b: UnitVector) -> f64 {
    sphere::metres_from_chord(sphere::distance_2(a, b).sqrt()) / 1000.0
}

/// How a journey from one place to another runs against the routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    /// So near that it says nothing.
    Near,
    /// With the routes.
    Ahead,
    /// To a place that can be reached neither with the routes nor against them: from branch to branch.
    Across,
    /// Against the routes.
    Behind,
    /// Not with the routes, to a place where people are returned to.
    Returned,
    /// Off the routes, between routes that do not meet, or on one that is travelled both ways.
    Unknown,
}

impl Way {
    /// All ways, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Near, Self::Ahead, Self::Across, Self::Behind, Self::Returned, Self::Unknown];
}

/// A journey between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// How it runs.
    pub way: Way,
    /// Its time of travel, as a number of [`Reach::travel`].
    pub class: u8,
    /// True when both cells lie by a sea leg, so that what is found in one may have drifted from the other.
    pub sea: bool,
    /// True when a river is by both cells, so that [`Reach::carried`] may have something to say.
    pub river: bool,
}

/// A lognormal time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TravelTime {
    /// Median, days.
    pub median_days: f64,
    /// Standard deviation of its logarithm.
    pub spread: f64,
}

/// Upper edges of the classes of travel time, median days; the last class is open.
const CLASS_EDGES: [f32; 10] = [0.7, 1.5, 2.5, 4.0, 6.0, 9.0, 13.0, 19.0, 28.0, 45.0];
/// Median days that stand for each class.
const CLASS_DAYS: [f64; 11] = [0.4, 1.05, 1.95, 3.2, 4.9, 7.4, 10.8, 15.7, 23.1, 35.5, 60.0];
/// Number of the class of returned people.
const RETURNED: u8 = CLASS_DAYS.len() as u8;

/// Where a body found by a river stands to a last contact by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    /// Share of such remains that the water brought.
    pub share: f64,
    /// How likely the water brings them there, against either way along the river alike: up to 2 downstream, towards 0 upstream.
    pub likely: f64,
}

/// What is known of a cell.
#[derive(Debug, Clone, Copy)]
struct Spot {
    /// Unit vector of its middle.
    unit: UnitVector,
    access: Option<Access>,
    /// Which rivers are within reach of some point of it.
    rivers: u64,
    /// True where people are returned to.
    returns: bool,
}

impl Spot {
    fn new(cell: Cell) -> Self {
        Self { unit: cell_centre(cell), access: None, rivers: 0, returns: false }
    }
}

/// The reach of people over a network, and of water.
#[derive(Debug, Clone)]
pub struct Reach {
    parameters: ReachParameters,
    travel: Travel,
    cells: FxHashMap<Cell, Spot>,
    times: Vec<TravelTime>,
    /// Each in the direction of its water; `None` without rivers.
    rivers: Option<Corridors>,
    near_chord_2: f64,
}

const CORRIDORS: &[u8] = include_bytes!("../../../config/routes/corridors.geojson");
const STOPS: &[u8] = include_bytes!("../../../config/routes/corridor_stops.csv");
const RIVERS: &[u8] = include_bytes!("../../../config/routes/rivers.geojson");
const PARAMETERS: &str = include_str!("../../../config/routes/reach.toml");

impl Reach {
    /// The reach over the corridors that come with the program; built once, shared.
    ///
    /// # Errors
    /// [`ReachError`] when a shipped file was damaged before the build; a test holds them together.
    pub fn standard() -> Result<Arc<Self>, ReachError> {
        static STANDARD: OnceLock<Arc<Reach>> = OnceLock::new();
        if let Some(reach) = STANDARD.get() {
            return Ok(Arc::clone(reach));
        }
        let corridors = Corridors::from_texts(CORRIDORS, STOPS)?;
        let reach = Self::new(&corridors, Some(RIVERS), ReachParameters::from_toml(PARAMETERS)?)?;
        Ok(Arc::clone(STANDARD.get_or_init(|| Arc::new(reach))))
    }

    /// The reach of a region: its routes in the direction people travel, its rivers as GeoJSON lines in the direction of their water, and its
    /// parameters ([`Self::default_parameters`] where it has none of its own). About 50 ms.
    ///
    /// # Errors
    /// [`ReachError`]: a file that cannot be read, a parameter that names a route there is not.
    pub fn new(corridors: &Corridors, rivers: Option<&[u8]>, parameters: ReachParameters) -> Result<Self, ReachError> {
        let (travel, access) = Travel::new(corridors, &parameters)?;
        let rivers = rivers.map(|text| Corridors::from_geojson(text).map(|read| read.0)).transpose()?;
        let mut times: Vec<TravelTime> = CLASS_DAYS.iter().map(|days| TravelTime { median_days: *days, spread: travel.spread }).collect();
        times.push(TravelTime { median_days: parameters.returns.median_days, spread: parameters.returns.spread });
        let mut cells: FxHashMap<Cell, Spot> = access.into_iter().map(|(cell, a)| (cell, Spot { access: Some(a), ..Spot::new(cell) })).collect();
        let mut spot = |cell: Cell, note: &dyn Fn(&mut Spot)| note(cells.entry(cell).or_insert_with(|| Spot::new(cell)));
        for place in &parameters.returns.places {
            let at = Position::new(place.lat, place.lon).map_err(|_| ReachError::Place(place.name.clone()))?.unit();
            let near = |cell: &Cell| *cell == cell_of(at) || kilometres(at, cell_centre(*cell)) <= parameters.returns.radius_km;
            around(at).filter(near).for_each(|cell| spot(cell, &|s| s.returns = true));
        }
        if let Some(rivers) = &rivers {
            if rivers.len() > MOST_RIVERS {
                return Err(ReachError::Rivers(rivers.len()));
            }
            let reach_km = parameters.river.contact_km.max(parameters.river.bank_km);
            river_cells(rivers, reach_km).into_iter().for_each(|(cell, bits)| spot(cell, &|s| s.rivers = bits));
        }
        let near_chord_2 = sphere::chord_from_metres(parameters.network.near_km * 1000.0).powi(2);
        Ok(Self { parameters, travel, cells, times, rivers, near_chord_2 })
    }

    /// The parameters that come with the program, without what they say of its own region: routes travelled both ways, and places of return.
    ///
    /// # Errors
    /// As [`Self::standard`].
    pub fn default_parameters() -> Result<ReachParameters, ReachError> {
        let mut parameters = ReachParameters::from_toml(PARAMETERS)?;
        parameters.network.both_ways.clear();
        parameters.returns.places.clear();
        Ok(parameters)
    }

    /// The parameters.
    #[must_use]
    pub const fn parameters(&self) -> &ReachParameters {
        &self.parameters
    }

    /// Times of travel by class.
    #[must_use]
    pub fn travel(&self) -> &[TravelTime] {
        &self.times
    }

    /// The journey from one cell to another. About 30 ns, far from all routes 100 ns.
    #[must_use]
    pub fn step(&self, from: Cell, to: Cell) -> Step {
        let spot = |cell: Cell| self.cells.get(&cell).copied().unwrap_or_else(|| Spot::new(cell));
        let (a, b) = (spot(from), spot(to));
        let chord_2 = sphere::distance_2(a.unit, b.unit);
        let (mut days, mut way, mut sea) = (f32::INFINITY, Way::Unknown, false);
        if let (Some(a), Some(b)) = (a.access, b.access) {
            (days, way) = self.travel.between(a, b);
            sea = a.sea && b.sea;
        }
        if days.is_infinite() {
            let km = sphere::metres_from_chord(chord_2.sqrt()) / 1000.0;
            days = (km * self.parameters.network.detour / self.parameters.speed.off_route.median) as f32;
        }
        let mut class = CLASS_EDGES.iter().position(|edge| days < *edge).unwrap_or(CLASS_EDGES.len()) as u8;
        if chord_2 < self.near_chord_2 {
            way = Way::Near;
        } else if matches!(way, Way::Behind | Way::Across) && b.returns {
            (way, class) = (Way::Returned, RETURNED);
        }
        Step { way, class, sea, river: a.rivers & b.rivers != 0 }
    }

    /// Radius in km that holds with 95 % what drifted for so many days: `sigma^2 = 2 D t + (s t)^2` per axis, up to the days afloat.
    #[must_use]
    pub fn drift_km(&self, days: f64) -> f64 {
        let sea = &self.parameters.sea;
        let days = days.clamp(0.0, sea.float_days);
        // Square metres a second as square kilometres a day.
        let diffusion = sea.diffusion_m2_s * 86_400.0 / 1e6;
        2.448 * (2.0 * diffusion * days + (sea.km_a_day * days).powi(2)).sqrt()
    }

    /// Remains found at a river, of somebody last heard of by it: how likely its water brought them from there within `days`. `None` when either
    /// place is not by one river, or the finding is not placed well enough to say so. Radii in km with 95 %. About 2 us for each river by both.
    ///
    /// Along the river `u` kilometres: `likely = 2 Phi(u / tau) S(max(u, 0))`, `tau` the uncertainty of both places and the contact's distance from
    /// the water, `S(u) = stays + (1 - stays) P(Gamma(3/2) > u)` with mean `km_a_day * min(days, float_days)`.
    #[must_use]
    pub fn carried(&self, (from, from_radius_km): (UnitVector, f64), (to, to_radius_km): (UnitVector, f64), days: f64) -> Option<Carried> {
        let (rivers, river) = (self.rivers.as_ref()?, &self.parameters.river);
        let both = self.cells.get(&cell_of(from))?.rivers & self.cells.get(&cell_of(to))?.rivers;
        let mut best: Option<(f64, Carried)> = None;
        for number in (0..MOST_RIVERS as u32).filter(|n| both & 1 << n != 0) {
            let line = rivers.line(RouteIndex(number)).ok()?;
            let (entered, found) = (line.foot(from), line.foot(to));
            let (off, bank) = (entered.distance_m / 1000.0, found.distance_m / 1000.0);
            if off > river.contact_km || bank > river.bank_km || best.is_some_and(|(nearest, _)| nearest <= bank) {
                continue;
            }
            let tau = off.hypot(from_radius_km / 2.448).hypot(to_radius_km / 2.448).max(1.0);
            let along = (found.measure_m - entered.measure_m) / 1000.0;
            let mean = (river.km_a_day * days.clamp(0.5, river.float_days)).max(1.0);
            let passed = river.stays + (1.0 - river.stays) * gamma_above(along.max(0.0) / mean * 1.5);
            let share = river.share * (river.bank_km / to_radius_km.max(river.bank_km));
            best = Some((bank, Carried { share, likely: 2.0 * normal_cdf(along / tau) * passed }));
        }
        best.map(|(_, carried)| carried)
    }
}

/// Chance that a Gamma variable of shape 3/2 and scale 1 is above `x`: `erfc(sqrt x) + 2 sqrt(x / pi) exp(-x)`.
fn gamma_above(x: f64) -> f64 {
    let x = x.max(0.0);
    (2.0 * normal_cdf(-(2.0 * x).sqrt()) + 2.0 * (x / std::f64::consts::PI).sqrt() * (-x).exp()).min(1.0)
}

/// A cell and those around it, two each way.
fn around(at: UnitVector) -> impl Iterator<Item = Cell> {
    let (row, column) = cell_of(at);
    (row - 2..=row + 2).flat_map(move |r| (column - 4..=column + 4).map(move |c| (r, (c + 360).rem_euclid(720) - 360)))
}

/// By cell, the rivers that pass within so many kilometres of some point of it.
fn river_cells(rivers: &Corridors, reach_km: f64) -> FxHashMap<Cell, u64> {
    let mut cells: FxHashMap<Cell, u64> = FxHashMap::default();
    // From the middle of a cell to its corner: half a degree is 55.6 km at most.
    let corner_km = 55.6 / std::f64::consts::SQRT_2;
    for (number, _) in rivers.routes() {
        let Ok(line) = rivers.line(number) else { continue };
        for sample in line.samples().iter().step_by(3) {
            for cell in around(*sample).filter(|cell| kilometres(*sample, cell_centre(*cell)) <= reach_km + corner_km + 3.0) {
                *cells.entry(cell).or_insert(0) |= 1 << number.0;
            }
        }
    }
    cells
}
