//! The newest event of a table, found without reading most of it.

use std::sync::Mutex;

use earlycall_schemas::{
    feeds::feeds,
    table::{DType, TableSpec},
};

use crate::{
    day::{Day, Instant},
    error::Result,
    history::{
        View,
        archive::Archive,
        cells::Cells,
        decode::visible,
        feed_rows::Question,
        in_order,
        layout::{KNOWN_FROM, KNOWN_TO},
        segment::Segment,
        versions::{column, days},
    },
};

/// The newest day that any row of a clinical table tells of, as far as the view may know. Of an optional table only facts
/// are asked, unless it books nothing: the day of what was booked ahead comes after the feed has stopped, and is no news.
///
/// What a segment says of its largest day, and of how soon its rows count, tells whether a bucket can hold a newer one; on
/// an ordinary night the first buckets looked at settle it.
///
/// # Errors
/// * [`crate::error::Kind::Storage`] when a segment cannot be read.
pub fn event(archive: &Archive, table: &'static TableSpec, view: &View, threads: usize) -> Result<Option<Day>> {
    let event = table.event.as_deref().expect("clinical rows happen on a day");
    let segments = archive.segments(table).iter().rev();
    let places: Vec<(&Segment, usize)> =
        segments.flat_map(|segment| segment.buckets().map(move |bucket| (segment, usize::from(bucket)))).collect();
    // Shared by the threads to leave out what cannot be newer; the newest of all is the same whoever finds it.
    let newest: Mutex<Option<Day>> = Mutex::default();
    in_order(threads, places.len(), |at| {
        let (segment, bucket) = places[at];
        // In hindsight everything is known, and what is booked ahead was known before its day.
        let known_by = |days: i32| Day(view.known_by.0.saturating_sub(days));
        let counts_by = segment.soonest(bucket).map_or(view.index_date, known_by);
        let possible = latest(segment, bucket, table, event).min(view.index_date).min(counts_by);
        if *newest.lock().expect("no thread dies holding it") < Some(possible) {
            let found = of_bucket(archive, table, event, segment, bucket, view)?;
            let mut newest = newest.lock().expect("no thread dies holding it");
            *newest = found.max(*newest);
        }
        Ok(())
    })?;
    Ok(newest.into_inner().expect("no thread dies holding it"))
}

/// No row of the bucket happened later.
fn latest(segment: &Segment, bucket: usize, table: &TableSpec, event: &str) -> Day {
    let is_moment = table.column(event).is_some_and(|column| column.dtype == DType::Timestamp);
    match segment.largest(bucket, event) {
        Some(moment) if is_moment => Day::of(Instant(moment)),
        Some(day) => i32::try_from(day).map_or(Day(i32::MAX), Day),
        None => Day(i32::MAX),
    }
}

fn of_bucket(
    archive: &Archive,
    table: &'static TableSpec,
    event: &str,
    segment: &Segment,
    bucket: usize,
    view: &View,
) -> Result<Option<Day>> {
    let has_practice = table.column("practice_code").is_some_and(|column| column.kept);
    let asked = feeds().iter().find(|feed| feed.table() == table.name && !feed.any_row_is_news);
    let asked = asked.map(|feed| Question::whether_facts(feed, table));
    let mut columns = vec![event, KNOWN_FROM, KNOWN_TO];
    columns.extend(has_practice.then_some("practice_code"));
    columns.extend(asked.iter().flat_map(Question::columns));
    let ended = archive.closings.of(table, segment.number, bucket);
    let rows = segment.read(bucket, &columns, None)?;
    let cells = Cells::of(&rows, &archive.words);
    let shares = has_practice.then(|| cells.coded("practice_code").judged(|practice| view.shares(practice)));
    let may_be_used = |row: &usize| shares.as_ref().is_none_or(|shares| shares[*row]);
    let is_fact = asked.as_ref().map(|asked| asked.facts(&cells, view));
    let is_fact = |row: &usize| is_fact.as_ref().is_none_or(|is_fact| is_fact(*row));
    // What was cancelled ahead is no news of the day for which it was booked.
    let (happened, known_from) = (days(column(&rows, event)), days(column(&rows, KNOWN_FROM)));
    let happened = |row: usize| match asked {
        Some(_) => Some(happened[row]?.min(known_from[row]?)),
        None => happened[row],
    };
    let known = visible(table, &rows, ended, view).filter(may_be_used).filter(is_fact).filter_map(happened);
    Ok(known.filter(|&day| day <= view.index_date).max())
}
