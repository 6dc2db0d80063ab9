//! What a map is drawn from: the JSON that the page's island reads (`assets/ts/map-data.ts`). The list beside the map holds the same.

use serde::Serialize;

/// A point with its words.
#[derive(Debug, Clone, Serialize)]
pub struct MapPoint {
    /// Latitude in degrees.
    pub lat: f64,
    /// Longitude in degrees.
    pub lon: f64,
    /// missing, incident, stop or a kind of found record: chooses the shape.
    pub kind: &'static str,
    /// What it is called.
    pub label: String,
    /// What it is, in the page's language.
    pub kind_label: String,
    /// Page of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Radius of uncertainty in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub radius_m: Option<f64>,
}

/// A line: longitude and latitude in degrees.
#[derive(Debug, Clone, Serialize)]
pub struct MapLine {
    /// Name, shown when pointed at.
    pub name: String,
    /// confirmed, reported or estimated: chooses the dashes.
    pub certainty: &'static str,
    /// Positions.
    pub line: Vec<[f64; 2]>,
}

/// Everything a map shows.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MapData {
    /// Points.
    pub points: Vec<MapPoint>,
    /// Lines.
    pub routes: Vec<MapLine>,
    /// A person's journey: its positions are numbered in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journey: Option<MapLine>,
    /// West, south, east, north; around everything without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 4]>,
}
