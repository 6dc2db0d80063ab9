//! Sums of products over variables of few values, one variable after the other: exact for any pedigree, loops and all.
//!
//! Source: Lauritzen and Sheehan, "Graphical models for genetic analyses", Statist. Sci. 18 (2003), 489-514; peeling (Elston and Stewart 1971) is one order
//! of it.

/// What tables hold: numbers, or what adds and multiplies like them.
pub trait Weight: Clone {
    /// A number.
    fn number(value: f64) -> Self;
    /// True for nothing: its product with anything is left out.
    fn is_zero(&self) -> bool;
    /// The sum.
    fn add(&mut self, other: &Self);
    /// The product.
    fn times(&self, other: &Self) -> Self;
}

impl Weight for f64 {
    fn number(value: f64) -> Self {
        value
    }

    fn is_zero(&self) -> bool {
        *self == 0.0
    }

    fn add(&mut self, other: &Self) {
        *self += other;
    }

    fn times(&self, other: &Self) -> Self {
        self * other
    }
}

/// Number of a variable.
pub type Variable = usize;

/// A weight for each choice of values of some variables; the last changes fastest.
#[derive(Debug, Clone)]
pub struct Table<W> {
    pub variables: Vec<Variable>,
    pub values: Vec<W>,
}

/// Variables with how many values each has, and tables that are multiplied.
#[derive(Debug, Clone)]
pub struct Network<W> {
    sizes: Vec<usize>,
    tables: Vec<Table<W>>,
}

impl<W: Weight> Network<W> {
    pub const fn new() -> Self {
        Self { sizes: Vec::new(), tables: Vec::new() }
    }

    /// A new variable.
    pub fn variable(&mut self, size: usize) -> Variable {
        self.sizes.push(size);
        self.sizes.len() - 1
    }

    /// Multiplies by a table over variables, each named once; `value` is asked with the number of each one's value.
    pub fn table(&mut self, variables: &[Variable], value: impl Fn(&[usize]) -> W) {
        let mut at = vec![0; variables.len()];
        let all: usize = variables.iter().map(|v| self.sizes[*v]).product();
        let mut values = Vec::with_capacity(all);
        for _ in 0..all {
            values.push(value(&at));
            for (digit, variable) in at.iter_mut().zip(variables).rev() {
                *digit += 1;
                if *digit < self.sizes[*variable] {
                    break;
                }
                *digit = 0;
            }
        }
        self.tables.push(Table { variables: variables.to_vec(), values });
    }

    /// The sum over all variables but these, whose table comes in their order. Takes the variable next whose table is smallest.
    pub fn sum(mut self, keep: &[Variable]) -> Table<W> {
        let mut left: Vec<Variable> = (0..self.sizes.len()).filter(|v| !keep.contains(v)).collect();
        while let Some(at) = (0..left.len()).min_by_key(|at| (self.size_without(left[*at]), left[*at])) {
            self.eliminate(left.swap_remove(at));
        }
        let tables = std::mem::take(&mut self.tables);
        self.product(keep, None, &tables)
    }

    /// The variables that stand in a table with this one, without it.
    fn beside(&self, variable: Variable) -> Vec<Variable> {
        let tables = self.tables.iter().filter(|t| t.variables.contains(&variable));
        let mut out: Vec<Variable> = tables.flat_map(|t| t.variables.iter().copied()).filter(|v| *v != variable).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn size_without(&self, variable: Variable) -> usize {
        self.beside(variable).iter().map(|v| self.sizes[*v]).fold(1, usize::saturating_mul)
    }

    fn eliminate(&mut self, variable: Variable) {
        let over = self.beside(variable);
        let (of_it, others) = std::mem::take(&mut self.tables).into_iter().partition(|t: &Table<W>| t.variables.contains(&variable));
        self.tables = others;
        let made = self.product(&over, Some(variable), &of_it);
        self.tables.push(made);
    }

    /// The product of tables over `over`, summed over one more variable.
    fn product(&self, over: &[Variable], summed: Option<Variable>, tables: &[Table<W>]) -> Table<W> {
        let sizes: Vec<usize> = over.iter().map(|v| self.sizes[*v]).collect();
        // By table, how far apart in it neighbours of each variable lie; 0 where it is not in the table.
        let stride = |table: &Table<W>, variable: Variable| {
            let place = table.variables.iter().position(|v| *v == variable);
            place.map_or(0, |place| table.variables[place + 1..].iter().map(|v| self.sizes[*v]).product())
        };
        let strides: Vec<Vec<usize>> = tables.iter().map(|t| over.iter().map(|v| stride(t, *v)).collect()).collect();
        let inner: Vec<usize> = tables.iter().map(|t| summed.map_or(0, |v| stride(t, v))).collect();
        let terms = summed.map_or(1, |v| self.sizes[v]);
        let all: usize = sizes.iter().product();
        let mut digits = vec![0; sizes.len()];
        let mut starts = vec![0; tables.len()];
        let mut values = Vec::with_capacity(all);
        for _ in 0..all {
            let mut sum = W::number(0.0);
            for term in 0..terms {
                let mut product: Option<W> = None;
                for (table, (start, inner)) in tables.iter().zip(starts.iter().zip(&inner)) {
                    let value = &table.values[start + term * inner];
                    product = Some(match product {
                        _ if value.is_zero() => W::number(0.0),
                        None => value.clone(),
                        Some(product) => product.times(value),
                    });
                    if value.is_zero() {
                        break;
                    }
                }
                sum.add(&product.unwrap_or_else(|| W::number(1.0)));
            }
            values.push(sum);
            for (place, digit) in digits.iter_mut().enumerate().rev() {
                *digit += 1;
                let wraps = *digit == sizes[place];
                for (start, strides) in starts.iter_mut().zip(&strides) {
                    *start = if wraps { *start - strides[place] * (sizes[place] - 1) } else { *start + strides[place] };
                }
                if !wraps {
                    break;
                }
                *digit = 0;
            }
        }
        Table { variables: over.to_vec(), values }
    }
}
