//! How an allele changes on its way from parent to child: the models that laboratories use, as matrices of who becomes what.

use thiserror::Error;

/// A mutation model without its alleles. Rates are chances per meiosis.
///
/// Sources: Egeland, Kling and Mostad, "Relationship Inference with Familias and R" (2016), chapter 2; Dawid, Mortera and Pascali, "Non-fatherhood or
/// mutation?", Forensic Sci. Int. 124 (2001), 55-61; Kling and others, "Familias 3", Forensic Sci. Int. Genet. 13 (2014), 121-127.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Every other allele is as likely.
    Equal {
        /// Chance of a change.
        rate: f64,
    },
    /// Others come up as they are frequent; frequencies stay as they are.
    Proportional {
        /// Chance of a change, over all alleles as they are frequent.
        rate: f64,
    },
    /// One repeat more or less, as likely; alleles are whole numbers.
    OneStep {
        /// Chance of a change, where there is a neighbour.
        rate: f64,
    },
    /// More repeats or fewer, less likely the more; and to alleles of other parts of a repeat (extended stepwise).
    Stepwise {
        /// Chance of a change by whole repeats.
        rate: f64,
        /// Chance of a change to alleles of other parts of a repeat.
        rate2: f64,
        /// How much less likely each further repeat is.
        range: f64,
    },
    /// As [`Self::Stepwise`], reversible; alleles are whole numbers.
    Dawid {
        /// Chance of a change, over all alleles as they are frequent.
        rate: f64,
        /// How much less likely each further repeat is.
        range: f64,
    },
    /// A matrix as it is: rows are parents' alleles, and add up to 1.
    Custom(Vec<Vec<f64>>),
}

/// How a matrix is made to leave frequencies as they are, at the same overall rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stationary {
    /// Metropolis and Hastings: reversible.
    MetropolisHastings,
    /// Barker: reversible.
    Barker,
    /// The mean of both ways: reversible.
    Mean,
    /// Each row by what it would come to of itself (Simonsson and Mostad, "Stationary mutation models", Forensic Sci. Int. Genet. 23 (2016), 217-225).
    SimonssonMostad,
}

/// A model with its transform.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// The model.
    pub model: Model,
    /// What is done to it.
    pub stationary: Option<Stationary>,
}

/// Why a model does not fit alleles.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MutationError {
    /// A rate or range outside its bounds.
    #[error("a rate lies between 0 and 1, a range above 0 and below 1")]
    OutOfBounds,
    /// Repeats were asked of an allele that has none.
    #[error("this model counts repeats, and {0:?} is no number of repeats")]
    NoRepeats(String),
    /// Parts of repeats where whole ones are asked.
    #[error("this model takes whole repeats only, and {0:?} is none; use stepwise")]
    NotWhole(String),
    /// The rate is higher than frequencies allow.
    #[error("the rate is too high for these frequencies: allele {0:?} would have to change more often than always")]
    TooHigh(String),
    /// Alleles that never become each other.
    #[error(
        "this transform needs a model under which every allele can come from every other; allele {0:?} cannot: give alleles of other parts of a repeat a rate2 above 0"
    )]
    Apart(String),
    /// A matrix of another size, or whose rows do not add up to 1.
    #[error("a matrix has a row and a column for each allele, no entry below 0, and rows that add up to 1; row {0} does not")]
    NoMatrix(usize),
}

/// Chances of a parent's allele (row) to be transmitted as another (column); rows add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    n: usize,
    values: Box<[f64]>,
    lumpable: bool,
}

impl Matrix {
    fn of(n: usize, value: impl Fn(usize, usize) -> f64, lumpable: bool) -> Self {
        Self { n, values: (0..n * n).map(|at| value(at / n, at % n)).collect(), lumpable }
    }

    /// Off the diagonal as given; on it what is left to 1.
    fn with_rest(n: usize, value: impl Fn(usize, usize) -> f64, lumpable: bool) -> Self {
        let rest = |i: usize| 1.0 - (0..n).filter(|j| *j != i).map(|j| value(i, j)).sum::<f64>();
        Self::of(n, |i, j| if i == j { rest(i) } else { value(i, j) }, lumpable)
    }

    /// Nothing changes.
    #[must_use]
    pub fn identity(n: usize) -> Self {
        Self::of(n, |i, j| f64::from(u8::from(i == j)), true)
    }

    /// With one allele more, at this place, that nothing becomes and that becomes nothing else.
    #[must_use]
    pub fn with_untouched(&self, place: usize) -> Self {
        let own = |i: usize| if i < place { i } else { i - 1 };
        let value = |i: usize, j: usize| match (i == place, j == place) {
            (true, true) => 1.0,
            (false, false) => self.at(own(i), own(j)),
            _ => 0.0,
        };
        Self::of(self.n + 1, value, self.lumpable)
    }

    /// The chance of an allele to be transmitted as another.
    #[must_use]
    pub fn at(&self, from: usize, to: usize) -> f64 {
        self.values[from * self.n + to]
    }

    /// Number of alleles.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.n
    }

    /// The same among classes of alleles, one class for each allele; `None` where alleles of one class do not become each class alike, so that classes
    /// would say something else.
    #[must_use]
    pub fn lumped(&self, class_of: &[usize], classes: usize) -> Option<Self> {
        let sizes: Vec<usize> = (0..classes).map(|class| class_of.iter().filter(|c| **c == class).count()).collect();
        if !self.lumpable && sizes.iter().any(|size| *size > 1) {
            return None;
        }
        let first: Vec<usize> = (0..classes).map(|class| class_of.iter().position(|c| *c == class)).collect::<Option<_>>()?;
        let to = |i: usize, class: usize| (0..self.n).filter(|j| class_of[*j] == class).map(|j| self.at(first[i], j)).sum::<f64>();
        Some(Self::with_rest(classes, to, self.lumpable))
    }

    /// Chance of a change, over all alleles as they are frequent.
    #[must_use]
    pub fn overall_rate(&self, frequencies: &[f64]) -> f64 {
        frequencies.iter().enumerate().map(|(i, p)| p * (1.0 - self.at(i, i))).sum()
    }

    /// Leaves frequencies as they are.
    fn stationary(&self, frequencies: &[f64], how: Stationary, alleles: &[String]) -> Result<Self, MutationError> {
        let (n, p, rate) = (self.n, frequencies, self.overall_rate(frequencies));
        let both = |i: usize, j: usize| (p[i] * self.at(i, j), p[j] * self.at(j, i));
        let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        let made = match how {
            Stationary::MetropolisHastings => Self::with_rest(
                n,
                |i, j| {
                    let (there, back) = both(i, j);
                    if there > 0.0 { self.at(i, j) * (back / there).min(1.0) } else { 0.0 }
                },
                false,
            ),
            Stationary::Barker => Self::with_rest(
                n,
                |i, j| {
                    let (there, back) = both(i, j);
                    ratio(self.at(i, j) * back, there + back)
                },
                false,
            ),
            Stationary::Mean => Self::with_rest(
                n,
                |i, j| {
                    let (there, back) = both(i, j);
                    ratio(there + back, 2.0 * p[i])
                },
                false,
            ),
            Stationary::SimonssonMostad => {
                let left = self.left_as_they_are();
                if let Some(i) = left.iter().position(|v| v.is_nan() || *v <= 1e-12) {
                    return Err(MutationError::Apart(alleles[i].clone()));
                }
                Self::with_rest(n, |i, j| ratio(left[i] * self.at(i, j), p[i]), false)
            }
        };
        let again = ratio(rate, made.overall_rate(p));
        let made = Self::with_rest(n, |i, j| made.at(i, j) * again, false);
        match (0..n).find(|i| made.at(*i, *i) < 0.0) {
            Some(i) => Err(MutationError::TooHigh(alleles[i].clone())),
            None => Ok(made),
        }
    }

    /// The frequencies that this matrix leaves as they are: solved by elimination, as it may change so slowly that iterating it never ends. Cost: n cubed.
    fn left_as_they_are(&self) -> Vec<f64> {
        let n = self.n;
        // Rows: sum over i of v_i (M_ij - [i = j]) = 0 for all but the last j; the v_i add up to 1.
        let mut rows: Vec<Vec<f64>> = (0..n)
            .map(|j| {
                let of = |i: usize| if j + 1 == n { 1.0 } else { self.at(i, j) - f64::from(u8::from(i == j)) };
                (0..n).map(of).chain([f64::from(u8::from(j + 1 == n))]).collect()
            })
            .collect();
        for column in 0..n {
            let best = (column..n).max_by(|a, b| rows[*a][column].abs().total_cmp(&rows[*b][column].abs())).unwrap_or(column);
            rows.swap(column, best);
            let pivot = rows[column].clone();
            if pivot[column] == 0.0 {
                continue;
            }
            for (at, row) in rows.iter_mut().enumerate() {
                let factor = if at == column { 0.0 } else { row[column] / pivot[column] };
                if factor != 0.0 {
                    for (value, of_pivot) in row.iter_mut().zip(&pivot) {
                        *value -= factor * of_pivot;
                    }
                }
            }
        }
        (0..n).map(|i| if rows[i][i] == 0.0 { 0.0 } else { rows[i][n] / rows[i][i] }).collect()
    }
}

impl Mutation {
    /// The matrix of these alleles, whose labels are numbers of repeats where the model counts them.
    ///
    /// # Errors
    /// A model that does not fit the alleles.
    pub fn matrix(&self, alleles: &[String], frequencies: &[f64]) -> Result<Matrix, MutationError> {
        let made = plain(&self.model, alleles, frequencies)?;
        match self.stationary {
            Some(how) => made.stationary(frequencies, how, alleles),
            None => Ok(made),
        }
    }
}

fn plain(model: &Model, alleles: &[String], p: &[f64]) -> Result<Matrix, MutationError> {
    let n = alleles.len();
    let chance = |x: f64| if (0.0..=1.0).contains(&x) { Ok(x) } else { Err(MutationError::OutOfBounds) };
    let below_one = |x: f64| if x > 0.0 && x < 1.0 { Ok(x) } else { Err(MutationError::OutOfBounds) };
    if n == 1 && !matches!(model, Model::Custom(_)) {
        return Ok(Matrix::identity(1));
    }
    match model {
        Model::Equal { rate } => {
            let each = chance(*rate)? / (n - 1) as f64;
            Ok(Matrix::with_rest(n, |_, _| each, true))
        }
        Model::Proportional { rate } => {
            let others = p.iter().map(|p| p * (1.0 - p)).sum::<f64>();
            if others == 0.0 {
                // There is nothing else to become.
                return Ok(Matrix::identity(n));
            }
            let alpha = chance(*rate)? / others;
            match (0..n).find(|i| 1.0 - alpha + alpha * p[*i] < 0.0) {
                Some(i) => Err(MutationError::TooHigh(alleles[i].clone())),
                None => Ok(Matrix::with_rest(n, |_, j| alpha * p[j], true)),
            }
        }
        Model::OneStep { rate } => {
            let (rate, repeats) = (chance(*rate)?, whole_repeats(alleles)?);
            let beside = |i: usize, j: usize| (repeats[i] - repeats[j]).abs() == 1;
            let neighbours: Vec<usize> = (0..n).map(|i| (0..n).filter(|j| beside(i, *j)).count()).collect();
            Ok(Matrix::with_rest(n, |i, j| if beside(i, j) { rate / neighbours[i] as f64 } else { 0.0 }, false))
        }
        Model::Stepwise { rate, rate2, range } => {
            let (rate, rate2, range) = (chance(*rate)?, chance(*rate2)?, below_one(*range)?);
            chance(rate + rate2)?;
            let repeats: Vec<f64> =
                alleles.iter().map(|a| a.parse().map_err(|_| MutationError::NoRepeats(a.clone()))).collect::<Result<_, _>>()?;
            // Tenths of a repeat over whole ones.
            let part: Vec<i64> = repeats.iter().map(|r| tenths(*r) - 10 * (tenths(*r) as f64 / 10.0).round() as i64).collect();
            let step = |i: usize, j: usize| range.powf((repeats[i] - repeats[j]).abs());
            let others = |i: usize| (0..n).filter(move |j| *j != i);
            let sums: Vec<f64> = (0..n).map(|i| others(i).filter(|j| part[*j] == part[i]).map(|j| step(i, j)).sum()).collect();
            let apart: Vec<usize> = (0..n).map(|i| others(i).filter(|j| part[*j] != part[i]).count()).collect();
            let to = |i: usize, j: usize| if part[i] == part[j] { rate * step(i, j) / sums[i] } else { rate2 / apart[i] as f64 };
            Ok(Matrix::with_rest(n, to, false))
        }
        Model::Dawid { rate, range } => {
            let (rate, range) = (chance(*rate)?, below_one(*range)?);
            whole_repeats(alleles)?;
            let all = n as f64;
            let scale = rate * (1.0 - range) / (2.0 * range * (all - (1.0 - range.powf(all)) / (1.0 - range)));
            let made = Matrix::with_rest(n, |i, j| scale * range.powf(i.abs_diff(j) as f64) / p[i], false);
            match (0..n).find(|i| made.at(*i, *i) < 0.0) {
                Some(i) => Err(MutationError::TooHigh(alleles[i].clone())),
                None => Ok(made),
            }
        }
        Model::Custom(rows) => {
            let sound = |row: &Vec<f64>| row.len() == n && row.iter().all(|x| *x >= 0.0) && (row.iter().sum::<f64>() - 1.0).abs() < 1e-6;
            match rows.iter().position(|row| !sound(row)) {
                Some(row) => Err(MutationError::NoMatrix(row + 1)),
                None if rows.len() != n => Err(MutationError::NoMatrix(rows.len().min(n) + 1)),
                None => Ok(Matrix::of(n, |i, j| rows[i][j], false)),
            }
        }
    }
}

fn tenths(repeats: f64) -> i64 {
    (repeats * 10.0).round() as i64
}

fn whole_repeats(alleles: &[String]) -> Result<Vec<i64>, MutationError> {
    let repeats = |allele: &String| {
        let number: f64 = allele.parse().map_err(|_| MutationError::NoRepeats(allele.clone()))?;
        if number.fract() == 0.0 { Ok(number as i64) } else { Err(MutationError::NotWhole(allele.clone())) }
    };
    alleles.iter().map(repeats).collect()
}
