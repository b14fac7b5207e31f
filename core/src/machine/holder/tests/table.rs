//! A table of the documentation.

const TABLES: &str = include_str!("../../../../docs/holder.md");

pub(super) struct Table {
    rows: Vec<(Vec<String>, bool)>,
}

impl Table {
    /// The table with this header.
    pub(super) fn with(header: &str) -> Self {
        let mut lines = TABLES.lines().skip_while(|line| *line != header).skip(2);
        let rows = lines.by_ref().take_while(|line| line.starts_with('|'));
        let rows: Vec<_> = rows.map(|row| (cells(row), false)).collect();
        assert!(!rows.is_empty(), "no table has the header {header}");
        Self { rows }
    }

    /// Requires that exactly one row describes these values, and that it says this.
    pub(super) fn check(&mut self, values: &[&str], says: &[String]) {
        let describes = |(cells, _): &&mut (Vec<String>, bool)| {
            let mut pairs = cells.iter().zip(values);
            pairs.all(|(cell, value)| cell == "any" || cell.split(", ").any(|it| it == *value))
        };
        let mut rows: Vec<_> = self.rows.iter_mut().filter(describes).collect();
        let [(cells, used)] = rows.as_mut_slice() else {
            let rows: Vec<_> = rows.iter().map(|(cells, _)| cells).collect();
            panic!("{values:?} has the rows {rows:?}; the code says {says:?}");
        };
        let expected = cells.get(values.len()..).unwrap_or_default();
        assert_eq!(expected, says, "{values:?}: the table on the left");
        *used = true;
    }

    /// Requires that each row describes something.
    pub(super) fn is_used(&self) {
        for (cells, used) in &self.rows {
            assert!(used, "nothing is described by {cells:?}");
        }
    }
}

fn cells(row: &str) -> Vec<String> {
    let cells = row.trim_matches(['|', ' ']).split(" | ");
    cells.map(|cell| cell.replace('`', "")).collect()
}
