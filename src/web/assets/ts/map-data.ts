// The shape of the JSON behind a map, read defensively: a point without a place is left out, never drawn at 0, 0.

/** Longitude and latitude in degrees, WGS84. */
export type Position = [number, number];
export type Certainty = "confirmed" | "reported" | "estimated";

export interface MapPoint {
  lon: number;
  lat: number;
  /** A word of the domain's found kinds, or missing, incident, stop. */
  kind: string;
  label: string;
  /** Words for the kind, in the page's language. */
  kindLabel: string;
  href?: string;
  /** Radius of uncertainty in metres. */
  radius?: number;
}

export interface MapLine {
  name: string;
  certainty: Certainty;
  line: Position[];
}

export interface MapData {
  points: MapPoint[];
  routes: MapLine[];
  journey: MapLine | null;
  /** west, south, east, north */
  bounds: [number, number, number, number] | null;
}

type Loose = Record<string, unknown>;
const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null;
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const words = (value: unknown): string => (typeof value === "string" ? value : "");
const onEarth = (lon: unknown, lat: unknown): boolean =>
  typeof lon === "number" && typeof lat === "number" && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

function readLine(value: unknown): MapLine | null {
  if (!isObject(value)) return null;
  const line = list(value.line).filter((at): at is Position => Array.isArray(at) && onEarth(at[0], at[1]));
  if (line.length < 2) return null;
  const certainty = value.certainty === "reported" || value.certainty === "estimated" ? value.certainty : "confirmed";
  return { name: words(value.name), certainty, line };
}

function readPoint(value: unknown): MapPoint | null {
  if (!isObject(value) || !onEarth(value.lon, value.lat)) return null;
  const point: MapPoint = {
    lon: value.lon as number,
    lat: value.lat as number,
    kind: words(value.kind),
    label: words(value.label),
    kindLabel: words(value.kind_label),
  };
  // Only addresses on this site are followed.
  if (typeof value.href === "string" && /^\/(?!\/)/.test(value.href)) point.href = value.href;
  if (typeof value.radius_m === "number" && value.radius_m > 0) point.radius = value.radius_m;
  return point;
}

/** Reads `{points, routes, journey, bounds}`; every part may be absent. */
export function readMapData(value: unknown): MapData {
  const data = isObject(value) ? value : {};
  const edges = list(data.bounds).filter((edge): edge is number => typeof edge === "number");
  return {
    points: list(data.points).map(readPoint).filter((point): point is MapPoint => point !== null),
    routes: list(data.routes).map(readLine).filter((line): line is MapLine => line !== null),
    journey: readLine(data.journey),
    bounds: edges.length === 4 ? (edges as [number, number, number, number]) : null,
  };
}
