//! Cholesky's factor of a symmetric matrix, to solve for Newton's step.

/// What is left of a diagonal number when all that it shares with others is taken away, below which it counts as nothing.
const NOTHING: f64 = 1e-12;

/// The upper triangle U with U'U = the matrix, row after row.
#[derive(Clone, Debug)]
pub(super) struct Factor {
    upper: Vec<f64>,
    size: usize,
}

impl Factor {
    /// Factorises the matrix whose upper triangle is given, with `l2` added to its diagonal but for the last number, the
    /// intercept's. Where one function is a sum of others and the penalty too small to tell them apart, it stands alone.
    pub(super) fn of(matrix: &[f64], size: usize, l2: f64) -> Factor {
        let mut upper = matrix.to_vec();
        for function in 0..size - 1 {
            upper[function * size + function] += l2;
        }
        let diagonal: Vec<f64> = (0..size).map(|k| upper[k * size + k]).collect();
        for k in 0..size {
            let (above, below) = upper.split_at_mut((k + 1) * size);
            let row = &mut above[k * size..];
            if row[k] <= NOTHING * diagonal[k] {
                row[k] = diagonal[k].max(f64::MIN_POSITIVE);
                row[k + 1..].fill(0.0);
            }
            let root = row[k].sqrt();
            row[k..].iter_mut().for_each(|number| *number /= root);
            for (other, line) in (k + 1..size).zip(below.chunks_exact_mut(size)) {
                let factor = row[other];
                if factor != 0.0 {
                    let pairs = line[other..].iter_mut().zip(&row[other..]);
                    pairs.for_each(|(number, above)| *number -= factor * above);
                }
            }
        }
        Factor { upper, size }
    }

    /// The vector that the matrix turns into `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let row = |k: usize| &self.upper[k * self.size + k..(k + 1) * self.size];
        let mut x = right.to_vec();
        for k in 0..self.size {
            x[k] /= row(k)[0];
            let (known, rest) = x[k..].split_first_mut().expect("k is a place in the vector");
            rest.iter_mut().zip(&row(k)[1..]).for_each(|(number, upper)| *number -= upper * *known);
        }
        for k in (0..self.size).rev() {
            let (number, known) = x[k..].split_first_mut().expect("k is a place in the vector");
            let taken: f64 = known.iter().zip(&row(k)[1..]).map(|(known, upper)| known * upper).sum();
            *number = (*number - taken) / row(k)[0];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_by_hand() {
        // (4 2 | 2 5) with 0 added: x = (1, 2) gives (8, 12).
        let factor = Factor::of(&[4.0, 2.0, 0.0, 5.0], 2, 0.0);
        assert_eq!(factor.upper, [2.0, 1.0, 0.0, 2.0]);
        assert_eq!(factor.solve(&[8.0, 12.0]), [1.0, 2.0]);
        // The penalty is added to all but the intercept: (9 2 | 2 5).
        let solved = Factor::of(&[4.0, 2.0, 0.0, 5.0], 2, 5.0).solve(&[13.0, 12.0]);
        assert!((solved[0] - 1.0).abs() < 1e-15 && (solved[1] - 2.0).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_told_apart_still_has_a_finite_step() {
        let solved = Factor::of(&[1.0, 1.0, 0.0, 1.0], 2, 0.0).solve(&[2.0, 2.0]);
        assert!(solved.iter().all(|number| number.is_finite()));
        let nothing = Factor::of(&[0.0; 4], 2, 0.0).solve(&[0.0, 0.0]);
        assert_eq!(nothing, [0.0, 0.0]);
    }
}
