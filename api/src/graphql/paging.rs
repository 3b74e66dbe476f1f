//! Pages after Relay: `first` with `after`, or `last` with `before`.

use async_graphql::SimpleObject;

use super::{
    cursor::{ListKey, Position},
    error::ApiError,
};
use crate::storage::{PageRequest, Slice, TimePosition};

/// How many entries pages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageSizes {
    /// Where the client does not say.
    pub(super) usual: u64,
    /// At most.
    pub(super) most: u64,
}

/// The arguments of a list as they came in.
#[derive(Clone, Debug, Default)]
pub(super) struct PageArgs {
    pub(super) first: Option<i32>,
    pub(super) after: Option<String>,
    pub(super) last: Option<i32>,
    pub(super) before: Option<String>,
}

impl PageArgs {
    /// The page that the arguments ask for.
    pub(super) fn read(
        self,
        list: &ListKey,
        sizes: PageSizes,
    ) -> Result<PageRequest<Position>, ApiError> {
        let refuse = |message: &'static str| Err(ApiError::bad_input(message));
        match (&self.after, &self.before) {
            _ if self.first.is_some() && self.last.is_some() => {
                return refuse("Give `first` or `last`, not both.");
            }
            (Some(_), Some(_)) => return refuse("Give `after` or `before`, not both."),
            (Some(_), None) if self.last.is_some() => {
                return refuse("`last` goes with `before`: use `first` with `after`.");
            }
            (None, Some(_)) if self.first.is_some() => {
                return refuse("`first` goes with `after`: use `last` with `before`.");
            }
            _ => {}
        }
        let backward = self.last.is_some() || self.before.is_some();
        let limit = match (self.first, self.last) {
            (Some(size), _) => sizes.check("first", size)?,
            (_, Some(size)) => sizes.check("last", size)?,
            (None, None) => sizes.usual,
        };
        let cursor = self.after.or(self.before);
        let position = cursor.map(|cursor| list.decode(&cursor)).transpose()?;
        Ok(PageRequest {
            limit,
            position,
            backward,
        })
    }
}

impl PageSizes {
    fn check(self, argument: &str, asked: i32) -> Result<u64, ApiError> {
        let Self { most, .. } = self;
        u64::try_from(asked)
            .ok()
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| {
                ApiError::bad_input(format!(
                    "`{argument}` must be from 1 to {most}; it is {asked}."
                ))
            })
    }
}

/// The request for storage, with positions of its own kind.
pub(super) fn placed<P>(
    request: PageRequest<Position>,
    place: impl FnOnce(Position) -> Result<P, ApiError>,
) -> Result<PageRequest<P>, ApiError> {
    Ok(PageRequest {
        limit: request.limit,
        position: request.position.map(place).transpose()?,
        backward: request.backward,
    })
}

/// A position in a list by time.
pub(super) fn at_time(position: Position) -> Result<TimePosition, ApiError> {
    let at = chrono::DateTime::from_timestamp_micros(position.key)
        .ok_or_else(ApiError::foreign_cursor)?;
    Ok(TimePosition {
        at,
        id: position.id,
    })
}

/// A page of a list: the nodes with their positions, and what lies around them.
#[derive(Clone, Debug)]
pub(super) struct Page<N> {
    /// The nodes, in the list's order.
    pub(super) nodes: Vec<(Position, N)>,
    list: ListKey,
    has_next: bool,
    has_previous: bool,
}

impl<N> Page<N> {
    /// The page that storage found.
    pub(super) fn new<R>(
        list: ListKey,
        asked: PageRequest<Position>,
        found: Slice<R>,
        node: impl Fn(R) -> (Position, N),
    ) -> Self {
        // Beyond a page that starts at a cursor lies at least the row of that cursor.
        let behind = asked.position.is_some();
        let (has_previous, has_next) = if asked.backward {
            (found.has_more, behind)
        } else {
            (behind, found.has_more)
        };
        Self {
            nodes: found.rows.into_iter().map(node).collect(),
            list,
            has_next,
            has_previous,
        }
    }

    /// The cursor of a node.
    pub(super) fn cursor(&self, position: Position) -> String {
        self.list.encode(position)
    }

    /// What lies around the page.
    pub(super) fn info(&self) -> PageInfo {
        let cursor = |entry: Option<&(Position, N)>| entry.map(|(at, _)| self.cursor(*at));
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: cursor(self.nodes.first()),
            end_cursor: cursor(self.nodes.last()),
        }
    }
}

/// Where a page lies in its list.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
#[graphql(shareable)]
pub(super) struct PageInfo {
    /// Whether more entries follow this page.
    has_next_page: bool,
    /// Whether entries come before this page.
    has_previous_page: bool,
    /// The cursor of the first entry, to go backward from with `before`; null where the page is empty.
    start_cursor: Option<String>,
    /// The cursor of the last entry, to go forward from with `after`; null where the page is empty.
    end_cursor: Option<String>,
}

/// The page of a list that is in memory already.
pub(super) fn slice<R: Clone>(
    rows: &[R],
    asked: &PageRequest<Position>,
    position: impl Fn(&R) -> Position,
) -> Slice<R> {
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    // Newest first: an entry comes after a position where it is older.
    let order = |at: Position| (std::cmp::Reverse(at.key), std::cmp::Reverse(at.id));
    let part = match asked.position {
        None => rows,
        Some(at) if asked.backward => {
            &rows[..rows.partition_point(|row| order(position(row)) < order(at))]
        }
        Some(at) => &rows[rows.partition_point(|row| order(position(row)) <= order(at))..],
    };
    let has_more = part.len() > limit;
    let page = if asked.backward {
        &part[part.len().saturating_sub(limit)..]
    } else {
        &part[..part.len().min(limit)]
    };
    Slice {
        rows: page.to_vec(),
        has_more,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{graphql::Code, ids::WorkspaceId};

    const SIZES: PageSizes = PageSizes {
        usual: 25,
        most: 100,
    };

    fn list() -> ListKey {
        ListKey::new("numbers", WorkspaceId(Uuid::nil()))
    }

    fn at(key: i64) -> Position {
        Position {
            key,
            id: Uuid::from_u128(key.unsigned_abs().into()),
        }
    }

    fn cursor(key: i64) -> String {
        list().encode(at(key))
    }

    fn read(args: PageArgs) -> Result<PageRequest<Position>, ApiError> {
        args.read(&list(), SIZES)
    }

    /// The page of the numbers from 9 down to 0, with what lies around it.
    fn page(args: PageArgs) -> (Vec<i64>, bool, bool) {
        let numbers: Vec<i64> = (0..10).rev().collect();
        let asked = read(args).unwrap();
        let found = slice(&numbers, &asked, |number| at(*number));
        let page = Page::new(list(), asked, found, |number| (at(number), number));
        let info = page.info();
        let nodes = page.nodes.iter().map(|(_, number)| *number).collect();
        (nodes, info.has_previous_page, info.has_next_page)
    }

    #[test]
    fn a_list_is_walked_forward() {
        let first = |first, after| PageArgs {
            first: Some(first),
            after,
            ..PageArgs::default()
        };

        assert_eq!(page(first(4, None)), (vec![9, 8, 7, 6], false, true));
        assert_eq!(
            page(first(4, Some(cursor(6)))),
            (vec![5, 4, 3, 2], true, true)
        );
        assert_eq!(page(first(4, Some(cursor(2)))), (vec![1, 0], true, false));
        assert_eq!(
            page(first(4, Some(cursor(4)))),
            (vec![3, 2, 1, 0], true, false)
        );
        assert_eq!(page(first(4, Some(cursor(0)))), (vec![], true, false));
        assert_eq!(page(PageArgs::default()).0.len(), 10);
    }

    #[test]
    fn a_list_is_walked_backward() {
        let last = |last, before| PageArgs {
            last: Some(last),
            before,
            ..PageArgs::default()
        };

        assert_eq!(page(last(4, None)), (vec![3, 2, 1, 0], true, false));
        assert_eq!(
            page(last(4, Some(cursor(3)))),
            (vec![7, 6, 5, 4], true, true)
        );
        assert_eq!(page(last(4, Some(cursor(7)))), (vec![9, 8], false, true));
        assert_eq!(page(last(4, Some(cursor(9)))), (vec![], false, true));
        let before = PageArgs {
            before: Some(cursor(7)),
            ..PageArgs::default()
        };
        assert_eq!(page(before).0, [9, 8]);
    }

    #[test]
    fn the_ends_of_a_page_have_cursors() {
        let asked = read(PageArgs::default()).unwrap();
        let rows = Slice {
            rows: vec![2, 1],
            has_more: false,
        };
        let page = Page::new(list(), asked, rows, |number| (at(number), number));
        let info = page.info();

        assert_eq!(
            (info.start_cursor, info.end_cursor),
            (Some(cursor(2)), Some(cursor(1)))
        );
    }

    #[test]
    fn arguments_that_make_no_page_are_refused() {
        let args = |first, after, last, before| PageArgs {
            first,
            after,
            last,
            before,
        };
        for wrong in [
            args(Some(0), None, None, None),
            args(Some(-1), None, None, None),
            args(Some(101), None, None, None),
            args(Some(i32::MIN), None, None, None),
            args(None, None, Some(0), None),
            args(None, None, Some(101), None),
            args(Some(1), None, Some(1), None),
            args(Some(1), None, None, Some(cursor(1))),
            args(None, Some(cursor(1)), Some(1), None),
            args(None, Some(cursor(1)), None, Some(cursor(2))),
            args(Some(1), Some("x".to_owned()), None, None),
        ] {
            assert_eq!(
                read(wrong.clone()).unwrap_err().code(),
                Code::BadUserInput,
                "{wrong:?}"
            );
        }
        assert_eq!(read(args(Some(100), None, None, None)).unwrap().limit, 100);
    }

    proptest! {
        #[test]
        fn pages_in_memory_join_to_the_list(count in 0..60_i64, size in 1..20_i32, backward: bool) {
            let numbers: Vec<i64> = (0..count).rev().collect();
            let mut met = Vec::new();
            let mut cursor = None;
            loop {
                let args = if backward {
                    PageArgs { last: Some(size), before: cursor, ..PageArgs::default() }
                } else {
                    PageArgs { first: Some(size), after: cursor, ..PageArgs::default() }
                };
                let asked = read(args).unwrap();
                let found = slice(&numbers, &asked, |number| at(*number));
                let more = found.has_more;
                let edge = if backward { found.rows.first() } else { found.rows.last() };
                cursor = edge.map(|number| list().encode(at(*number)));
                if backward { met.splice(0..0, found.rows) } else { met.splice(met.len().., found.rows) };
                if !more { break }
            }
            prop_assert_eq!(met, numbers);
        }
    }
}
