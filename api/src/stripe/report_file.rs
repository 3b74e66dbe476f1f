//! The file of a report: comma-separated values, read line by line while they come, however many there are.

use std::collections::VecDeque;

use csv::{ReaderBuilder, StringRecord};

use super::{error::StripeError, report::Download};

/// A line that is longer is none.
const LONGEST_LINE: usize = 1 << 20;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRecord(StringRecord);

/// A file that is being read.
pub struct ReportReader {
    download: Download,
    lines: Lines,
    ready: VecDeque<ReportRecord>,
    ended: bool,
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum ReportReadError {
    /// It is no table.
    #[error("the report's file holds no lines of comma-separated values")]
    NoTable,
    /// It did not come to its end.
    #[error(transparent)]
    Stripe(#[from] StripeError),
}

impl ReportRecord {
    /// A line's value in a column; none where the line is too short.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column)
    }

    /// How many values the line has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values, in the order of the columns.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }
}

impl From<Vec<&str>> for ReportRecord {
    fn from(values: Vec<&str>) -> Self {
        Self(StringRecord::from(values))
    }
}

impl ReportReader {
    /// Reads a download from its beginning.
    #[must_use]
    pub fn new(download: Download) -> Self {
        Self {
            download,
            lines: Lines::default(),
            ready: VecDeque::new(),
            ended: false,
        }
    }

    /// Stripe's name of the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.download.request_id.as_deref()
    }

    /// The next lines, at most so many; none at the end of the file.
    pub async fn next(&mut self, most: usize) -> Result<Vec<ReportRecord>, ReportReadError> {
        while self.ready.len() < most && !self.ended {
            match self.download.chunk().await? {
                Some(piece) => self.lines.push(&piece, &mut self.ready)?,
                None => {
                    self.ended = true;
                    self.lines.finish(&mut self.ready)?;
                }
            }
        }
        let count = most.min(self.ready.len());
        Ok(self.ready.drain(..count).collect())
    }
}

/// Finds out where lines end, so that whole ones can be parsed; values in quotes may hold line breaks.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
    scanned: usize,
    place: Place,
}

/// Where in a line a byte stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: it ends them, or is the first of two that stand for one.
    AfterQuote,
}

impl Place {
    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Quoted, b'"') => Self::AfterQuote,
            (Self::Quoted, _) | (Self::Start | Self::AfterQuote, b'"') => Self::Quoted,
            (_, b',' | b'\n' | b'\r') => Self::Start,
            _ => Self::Plain,
        }
    }
}

impl Lines {
    fn push(
        &mut self,
        piece: &[u8],
        into: &mut VecDeque<ReportRecord>,
    ) -> Result<(), ReportReadError> {
        self.open.extend_from_slice(piece);
        let mut whole = 0;
        for (at, byte) in self.open.iter().enumerate().skip(self.scanned) {
            self.place = self.place.after(*byte);
            if *byte == b'\n' && self.place == Place::Start {
                whole = at + 1;
            }
        }
        parse(&self.open[..whole], into)?;
        self.open.drain(..whole);
        self.scanned = self.open.len();
        if self.open.len() > LONGEST_LINE {
            return Err(ReportReadError::NoTable);
        }
        Ok(())
    }

    fn finish(&mut self, into: &mut VecDeque<ReportRecord>) -> Result<(), ReportReadError> {
        parse(&std::mem::take(&mut self.open), into)
    }
}

/// Empty lines are none; what is not UTF-8 is replaced, since amounts and ids never are.
fn parse(whole: &[u8], into: &mut VecDeque<ReportRecord>) -> Result<(), ReportReadError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(whole);
    for record in reader.byte_records() {
        let record = record.map_err(|_| ReportReadError::NoTable)?;
        into.push_back(ReportRecord(StringRecord::from_byte_record_lossy(record)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_in_pieces(text: &[u8], length: usize) -> Vec<ReportRecord> {
        let (mut lines, mut ready) = (Lines::default(), VecDeque::new());
        for piece in text.chunks(length.max(1)) {
            lines.push(piece, &mut ready).unwrap();
        }
        lines.finish(&mut ready).unwrap();
        ready.into()
    }

    fn values(record: &ReportRecord) -> Vec<&str> {
        record.values().collect()
    }

    #[test]
    fn line_breaks_commas_and_quotes_may_stand_in_values() {
        let text = "id,text\r\na,\"one\ntwo, \"\"three\"\"\"\nb,5\" wide\nc,";

        let records = read_in_pieces(text.as_bytes(), 3);

        assert_eq!(values(&records[1]), ["a", "one\ntwo, \"three\""]);
        assert_eq!(values(&records[2]), ["b", "5\" wide"]);
        assert_eq!(values(&records[3]), ["c", ""]);
        assert_eq!(records.len(), 4);
    }

    #[test]
    fn a_line_without_end_is_no_table() {
        let (mut lines, mut ready) = (Lines::default(), VecDeque::new());
        let endless = vec![b'x'; LONGEST_LINE + 1];

        assert!(lines.push(&endless, &mut ready).is_err());
    }

    proptest! {
        #[test]
        fn however_it_comes_it_is_read_the_same(
            rows in prop::collection::vec(prop::collection::vec("[a-z,\"\n\r é]{0,6}", 1..4), 0..12),
            length in 1_usize..20,
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let read = read_in_pieces(&text, length);
            let read: Vec<Vec<String>> =
                read.iter().map(|record| record.values().map(str::to_owned).collect()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn whatever_comes_does_no_harm(text in prop::collection::vec(prop::sample::select(b"a,\"\n\r".to_vec()), 0..60)) {
            let whole = read_in_pieces(&text, usize::MAX);
            prop_assert_eq!(read_in_pieces(&text, 1), whole);
        }
    }
}
