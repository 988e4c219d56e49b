//! Who saw whom, as a picture.

use crate::testing::Matrix;
use std::fmt;

/// How many rows and columns are drawn; with more sessions, each stands for several.
const MOST_CELLS: usize = 40;

/// A row for each session that sees, a column for each whose data it is. A leak is a filled cell, so
/// the picture of a clean run is empty but for the diagonal: who saw themselves.
pub(super) struct MatrixPicture<'a> {
    matrix: &'a Matrix,
    /// How many sessions a cell stands for, in each direction.
    each: usize,
    cells: usize,
}

impl<'a> MatrixPicture<'a> {
    pub(super) fn new(matrix: &'a Matrix) -> Self {
        let each = matrix.sessions().div_ceil(MOST_CELLS).max(1);
        Self { matrix, each, cells: matrix.sessions().div_ceil(each) }
    }

    /// How often a session of `row` saw another one of `column`, and how often one saw itself.
    fn seen(&self, row: usize, column: usize) -> (u64, u64) {
        let sessions =
            |cell: usize| cell * self.each..((cell + 1) * self.each).min(self.matrix.sessions());
        let pairs = sessions(row).flat_map(|seer| sessions(column).map(move |owner| (seer, owner)));
        pairs.fold((0, 0), |(others, own), (seer, owner)| {
            let seen = self.matrix.seen(seer, owner);
            if seer == owner { (others, own + seen) } else { (others + seen, own) }
        })
    }

    fn name(&self, cell: usize) -> String {
        let (first, end) = (cell * self.each, ((cell + 1) * self.each).min(self.matrix.sessions()));
        if end - first == 1 { first.to_string() } else { format!("{first}–{}", end - 1) }
    }
}

/// The length of a cell's side.
const SIDE: usize = 20;

impl fmt::Display for MatrixPicture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = self.cells * SIDE;
        let margin = self.margin();
        let side = length + margin + 2;
        let most = (0..self.cells)
            .flat_map(|row| (0..self.cells).map(move |column| (row, column)))
            .map(|(row, column)| self.seen(row, column).0)
            .max()
            .unwrap_or(0);
        writeln!(
            f,
            "<svg class=\"matrix\" viewBox=\"0 0 {side} {side}\" style=\"max-width:{}px\" \
             font-size=\"{}\" role=\"img\" aria-label=\"Rows see, columns are seen\">",
            (side * 3 / 2).clamp(280, 560),
            self.letter(),
        )?;
        let (middle, far) = (margin + length / 2, self.letter());
        writeln!(f, "<text class=\"column\" x=\"{middle}\" y=\"{far}\">whose data</text>")?;
        writeln!(
            f,
            "<text class=\"column\" transform=\"translate({far} {middle}) rotate(-90)\">who saw \
             it</text>"
        )?;
        for cell in (0..self.cells).step_by(self.cells.div_ceil(10).max(1)) {
            let (at, name) = (margin + cell * SIDE + SIDE / 2, cell * self.each);
            let (edge, middle) = (margin - 5, at + self.letter() / 3);
            writeln!(f, "<text class=\"column\" x=\"{at}\" y=\"{edge}\">{name}</text>")?;
            writeln!(f, "<text class=\"row\" x=\"{edge}\" y=\"{middle}\">{name}</text>")?;
        }
        writeln!(
            f,
            "<rect class=\"frame\" x=\"{margin}\" y=\"{margin}\" width=\"{length}\" \
             height=\"{length}\"/>"
        )?;
        for row in 0..self.cells {
            for column in 0..self.cells {
                self.cell(f, row, column, most)?;
            }
        }
        f.write_str("</svg>\n")
    }
}

impl MatrixPicture<'_> {
    /// The height of a letter: larger where the picture is made smaller.
    fn letter(&self) -> usize {
        (self.cells * SIDE / 20).clamp(8, 26)
    }

    /// The room for the names of rows and columns: two lines, the second of up to three digits.
    fn margin(&self) -> usize {
        self.letter() * 7 / 2
    }

    fn cell(
        &self,
        f: &mut fmt::Formatter<'_>,
        row: usize,
        column: usize,
        most: u64,
    ) -> fmt::Result {
        let (others, own) = self.seen(row, column);
        let (x, y) = (self.margin() + column * SIDE, self.margin() + row * SIDE);
        if row == column {
            let class = if own > 0 { "own" } else { "blind" };
            let (x, y, name) = (x + SIDE / 2, y + SIDE / 2, self.name(row));
            writeln!(
                f,
                "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"3\"><title>session {name} \
                 saw itself {own} times</title></circle>"
            )?;
        }
        if others > 0 {
            // The rarest leak is still seen at a glance.
            let strength = 0.45 + 0.55 * (others as f64 / most.max(1) as f64);
            let (inner, by, of) = (SIDE - 2, self.name(row), self.name(column));
            writeln!(
                f,
                "<rect class=\"leak\" x=\"{}\" y=\"{}\" width=\"{inner}\" height=\"{inner}\" rx=\"3\" \
                 fill-opacity=\"{strength:.2}\"><title>session {by} saw session {of} {others} \
                 times</title></rect>",
                x + 1,
                y + 1,
            )?;
        }
        Ok(())
    }
}
