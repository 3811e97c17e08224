//! Rows of the optional tables become facts as their declarations say.

use earlycall_schemas::{catalogue::View as Seen, feeds::HAS_AMOUNT, table::table};

use super::support::{day, settled, view};
use crate::history::{cells::Cells, decode::visible, feed_rows::Question, read::Decoder, records::FeedRow};

/// What a delivery of a table says on a day, by moment.
fn facts(seen: Seen, text: &str, on: &str) -> Vec<FeedRow> {
    let (feed, table) = (seen.feed().unwrap(), table(seen.name()).unwrap());
    let settled = settled(table, &[("2026-11-20 first full", text)]);
    let rows = visible(table, &settled.rows, None, &view(on));
    let mut found = Vec::new();
    let cells = Cells::of(&settled.rows, &settled.words);
    Question::of(feed, table).decode(&cells, rows, &view(on), |_, row| found.push(row));
    found.sort_unstable();
    found
}

/// Each fact as its day, the names of the tests that it passes, and its amount.
fn told(seen: Seen, text: &str, on: &str) -> Vec<String> {
    let of_row = |row: FeedRow| {
        let tests = seen.tests().iter().filter(|test| row.tests & test.bit != 0 && test.bit != HAS_AMOUNT);
        let names: Vec<&str> = tests.map(|test| test.name).collect();
        format!("{} {} {}", row.day, names.join("+"), row.amount.map_or("-".to_owned(), |amount| amount.to_string()))
    };
    facts(seen, text, on).into_iter().map(of_row).collect()
}

#[test]
fn a_visit_is_delivered_missed_or_worrying_and_one_in_hospital_or_ahead_is_none() {
    let visits = "visit_id provider_id planned_start actual_start actual_end status concern_flags
        a p 2026-11-16T08:00:00Z 2026-11-16T08:10:30Z 2026-11-16T08:31:00Z late fall|pain
        b p 2026-11-17T08:00:00Z - - missed -
        c p 2026-11-18T08:00:00Z - - hospital -
        d p 2026-11-25T08:00:00Z - - planned -
        e p 2026-11-18T23:30:00Z 2026-11-18T23:30:00Z 2026-11-18T23:45:00Z delivered pain";
    let expected = [
        "2026-11-16 is_delivered+has_concern+has_fall 21",
        "2026-11-17 is_missed -",
        "2026-11-18 is_delivered+has_concern 15",
    ];
    assert_eq!(told(Seen::HomeCareVisits, visits, "2026-11-20"), expected);
    assert_eq!(told(Seen::HomeCareVisits, visits, "2026-11-16"), expected[..1], "what comes later has not happened");
}

#[test]
fn what_became_of_a_referral_is_not_known_before_its_end() {
    let referrals = "referral_id referred_at needs status outcome_date
        a 2026-03-01 loneliness|money disengaged 2026-06-01";
    let on = |day: &str| told(Seen::SocialPrescribingReferrals, referrals, day);
    assert_eq!(on("2026-05-31"), ["2026-03-01 has_need_of_company+has_need_of_basics+is_open 2"]);
    assert_eq!(on("2026-06-01"), ["2026-03-01 is_left_early+has_need_of_company+has_need_of_basics 2"]);
    assert_eq!(on("2026-02-28"), [""; 0]);
}

#[test]
fn what_has_ended_without_a_day_is_open_on_none() {
    let stays = "provider_code stay_id start_at end_at end_reason
        R1H a 2026-11-03T10:00:00Z - completed
        R1H b 2026-11-04T10:00:00Z - -
        R1H c 2026-11-05T10:00:00Z 2026-11-15T10:00:00Z admitted";
    let on = |day: &str| told(Seen::VirtualWardStays, stays, day);
    assert_eq!(on("2026-11-10"), ["2026-11-03  -", "2026-11-04 is_open -", "2026-11-05 is_open -"]);
    assert_eq!(
        on("2026-11-15")[2],
        "2026-11-05 is_ended_by_admission -",
        "of a day that is known it is open before it"
    );
    let referrals = "referral_id referred_at needs status outcome_date
        a 2026-03-01 loneliness disengaged -
        b 2026-03-02 loneliness active -";
    let expected = ["2026-03-01 has_need_of_company 1", "2026-03-02 has_need_of_company+is_open 1"];
    assert_eq!(told(Seen::SocialPrescribingReferrals, referrals, "2026-11-20"), expected);
}

#[test]
fn whoever_leaves_a_waiting_list_later_still_waits() {
    let entries = "provider_code entry_id referral_date priority decided_to_admit_on removed_on
        R1H a 2026-01-10 urgent 2026-02-01 2026-08-01";
    let on = |day: &str| told(Seen::WaitingListEntries, entries, day);
    assert_eq!(on("2026-01-31"), ["2026-01-10 is_urgent+is_open -"], "admission is not decided yet");
    assert_eq!(on("2026-07-31"), ["2026-01-10 is_urgent+is_for_admission+is_open -"]);
    assert_eq!(on("2026-08-01"), ["2026-01-10 is_urgent+is_for_admission -"]);
    assert_eq!(facts(Seen::WaitingListEntries, entries, "2026-08-01")[0].end, Some(day("2026-08-01")));
}

#[test]
fn a_reading_has_its_item_and_thousandths_and_one_of_something_else_has_no_item() {
    let readings = "device_source reading_id taken_at code value unit
        s a 2026-11-18T07:00:00Z 431314004 93.5 %
        s b 2026-11-18T08:00:00Z 13645005 12 /min";
    let found = facts(Seen::RemoteMonitoring, readings, "2026-11-20");
    let items = Seen::RemoteMonitoring.items().unwrap().items();
    assert_eq!(items[usize::from(found[0].item.unwrap())].name, "spo2");
    assert_eq!((found[0].amount, found[1].item), (Some(93_500), None));
}

#[test]
fn a_contact_without_a_status_took_place() {
    let contacts = "provider_code contact_id contact_date team_type attendance_status
        RAT a 2026-11-01 district_nursing -
        RAT b 2026-11-02 rapid_response 7
        RAT c 2026-11-03 other 0";
    let expected = ["2026-11-01 is_seen+is_district_nursing -", "2026-11-02 is_missed+is_rapid_response -"];
    assert_eq!(told(Seen::CommunityContacts, contacts, "2026-11-20"), expected);
}
