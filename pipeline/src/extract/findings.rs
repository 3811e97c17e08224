//! What a delivery says as a whole: whether its purpose allows its use (V02), whether a table is about strangers (V07),
//! is somebody else's than its manifest says (V01), loses too many rows (V42) or too many codes (V20), has a column
//! of which much is lost (SPOILT), is an old one sent again (V33), or holds less than what stood (V32), and
//! whether an objection is lost.

use std::collections::BTreeSet;

use earlycall_schemas::rules::{Action, rule};
use earlycall_schemas::table::{TableKind, Tier};

use crate::day::Day;
use crate::error::{Error, Result};
use crate::extract::delivery::{DeliveryFolder, MANIFEST};
use crate::extract::lost::{self, rejected_too_many};
use crate::extract::manifest::Manifest;
use crate::extract::{Admitted, Delivery, spoilt};
use crate::quality::finding::{Finding, listed, percent};
use crate::quality::quarantine::Rejection;
use crate::quality::recent::age_days_max;
use crate::quality::set_aside::SetAside;
use crate::quality::tally::Tally;
use crate::settings::Settings;

/// What is found about a delivery, and what becomes of it.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What stands against it.
    pub refused: Vec<Error>,
    /// What would, if nobody answered for it.
    pub set_aside: Vec<SetAside>,
    /// What is odd.
    pub warned: Vec<Finding>,
}

/// Judges a delivery as a whole; everything that is found stands in a fixed order.
pub(super) fn judge(delivery: &Delivery, settings: &Settings) -> Judged {
    let index_date = Day::of(delivery.extracted_at) - 1;
    let mut judged = Judged::default();
    for finding in findings(delivery, settings) {
        if !finding.refuses() {
            judged.warned.push(finding);
            continue;
        }
        match settings.overrides.admit(finding, index_date) {
            Ok(set_aside) => judged.set_aside.push(set_aside),
            Err(error) => judged.refused.push(error.also(&format!("in delivery {}", delivery.folder_name))),
        }
    }
    judged
}

fn findings(delivery: &Delivery, settings: &Settings) -> Vec<Finding> {
    let place = delivery.place(MANIFEST);
    let mut found: Vec<Finding> = purpose(&delivery.manifest, place, settings).into_iter().collect();
    for admitted in &delivery.tables {
        found.extend(strangers(admitted, settings));
        found.extend(misplaced(admitted, settings));
        found.extend(codes_that_are_none(admitted, settings));
        found.extend(perhaps_leaks(admitted));
        found.extend(lost::finding(admitted, settings));
        found.extend(spoilt(admitted, settings));
        found.extend(out_of_date(admitted, Day::of(delivery.extracted_at), settings));
    }
    found.extend(founded_on_nothing(delivery));
    found.extend(too_many_rejected(delivery, settings));
    // Where there is one provider, the whole table has said it.
    let is_one_of_several =
        |one: &&Admitted| delivery.tables.iter().filter(|other| other.table.name == one.table.name).count() > 1;
    let of_several = delivery.tables.iter().filter(is_one_of_several);
    found.extend(of_several.filter_map(|admitted| too_many_rejected_of_one(admitted, settings)));
    // One table after another, so that what many practices lose is told in short. A file that is much too small has been
    // refused, or somebody answers for it.
    let lost = delivery.tables.iter().filter_map(|admitted| shrunken(admitted, settings));
    found.extend(lost.filter(|finding| !finding.refuses()));
    found
}

/// V33: a full table whose newest row is three times as old as it may be is an old one sent again.
fn out_of_date(admitted: &Admitted, extracted_on: Day, settings: &Settings) -> Option<Finding> {
    let profile = admitted.profile.as_ref().filter(|_| admitted.is_full)?;
    let days_max = age_days_max(&admitted.table.name, &settings.rules)?;
    let days_max = f64::from(days_max) * settings.rules.limit("V33", "refuse_times");
    let rows: u64 = profile.organisations.values().map(|counts| counts.rows).sum();
    let newest = profile.organisations.values().filter_map(|counts| counts.newest).max()?;
    // The last day that the extract covers is the one before it.
    let age_days = extracted_on - 1 - newest;
    (rows as f64 >= settings.rules.limit("V33", "rows_min") && f64::from(age_days) > days_max).then(|| Finding {
        rule: "V33",
        action: Action::File,
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!(
            "stops on {}, {age_days} days before the last day of the extract, and {days_max} are the most",
            newest.in_words()
        ),
    })
}

/// V32: a full table with much fewer rows would take away what stood, and one with some fewer does. No week of it could show
/// that later: the rows that say what to expect are gone with the rest.
///
/// Rows of a practice that no longer shares (V05) were sent all the same. A practice that sent rows none of which can be
/// used has not lost its patients, however few they are; one that sent none may have. A window of a year moves with the
/// season, and holds fewer rows after Christmas, as beds do on a Sunday: of such a table the weeks are judged.
fn shrunken(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let is_judged = admitted.is_full && rule("V32").is_some_and(|rule| rule.is_for(&admitted.table.name));
    let (tally, stood) = (&admitted.tally, admitted.stood.rows);
    let n = tally.accepted + tally.rejected.get("V05").copied().unwrap_or_default();
    let is_below =
        |share: f64| stood as f64 >= limit_of(admitted, "standing_min", settings) && (n as f64) < share * stood as f64;
    let is_lost = stood > 0 && tally.read > 0 && tally.rejected_in_share() == tally.read;
    let is_lost_of_practice = is_lost && admitted.table.is_kept_by_practices();
    let is_refused = is_below(settings.rules.limit("V32", "refuse_below_share")) || is_lost_of_practice;
    let is_said = is_below(limit_of(admitted, "say_below_share", settings))
        && stood.saturating_sub(n) as f64 >= limit_of(admitted, "say_lost_min", settings)
        && !(admitted.stood.is_of_a_year && admitted.is_of_a_year());
    let why = lost::most(&admitted.rejections).filter(|_| is_lost).map_or(String::new(), |most| format!(": {most}"));
    (is_judged && (is_refused || is_said)).then(|| Finding {
        rule: "V32",
        action: if is_refused { Action::File } else { Action::Warn },
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!("has {n} sound rows in place of the {stood} of the full delivery before{why}"),
    })
}

/// A limit of V32; a short table has one of its own.
fn limit_of(admitted: &Admitted, name: &str, settings: &Settings) -> f64 {
    let of_table = format!("{}_{name}", admitted.table.name);
    let has_own = rule("V32").is_some_and(|rule| rule.limits.contains_key(&of_table));
    settings.rules.limit("V32", if has_own { &of_table } else { name })
}

/// Refuses what one provider sent of a table, for what it says as a whole, or tells what of that somebody answers for.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when it is about strangers (V07), somebody else's (V01), losing too many rows (V42),
///   spoilt in a column (SPOILT), an old one sent again (V33), or full and much shorter than the one before (V32), and nobody answers for
///   that.
pub fn judge_feed(admitted: &Admitted, extracted_on: Day, settings: &Settings) -> Result<Vec<SetAside>> {
    let found = [
        strangers(admitted, settings),
        misplaced(admitted, settings),
        too_many_rejected_of_one(admitted, settings),
        spoilt(admitted, settings),
        out_of_date(admitted, extracted_on, settings),
        shrunken(admitted, settings),
    ];
    let refusing = found.into_iter().flatten().filter(Finding::refuses);
    refusing.map(|found| settings.overrides.admit(found, extracted_on - 1)).collect()
}

/// V02: the manifest states a purpose and a legal basis that the settings allow. Research hears of it; production refuses.
///
/// The legal basis of an optional table (`[feeds]`) is allowed for that table and no other: a manifest may state it that
/// brings nothing else. One that states what `[extracts] legal_bases` allows may bring all that is read. Of a delivery
/// without a file that is read nothing is asked.
fn purpose(manifest: &Manifest, place: String, settings: &Settings) -> Option<Finding> {
    let extracts = &settings.extracts;
    let is_of_its_feeds = |key: &str, stated: &str| {
        key == "legal_basis_ref" && manifest.files.iter().all(|file| settings.feeds.is_under(&file.table, stated))
    };
    let stated = [
        ("purpose_code", &manifest.purpose_code, &extracts.purposes),
        ("legal_basis_ref", &manifest.legal_basis_ref, &extracts.legal_bases),
    ];
    let is_allowed = |key: &str, stated: &Option<String>, allowed: &[String]| match stated {
        Some(stated) => {
            allowed.contains(stated) || (allowed.is_empty() && settings.is_research()) || is_of_its_feeds(key, stated)
        }
        None => false,
    };
    let odd: Vec<&str> = stated
        .iter()
        .filter(|(key, stated, allowed)| !is_allowed(key, stated, allowed))
        .map(|(key, _, _)| *key)
        .collect();
    (!odd.is_empty() && !manifest.files.is_empty()).then(|| Finding {
        rule: "V02",
        action: if settings.is_research() { Action::Warn } else { Action::Run },
        table: place,
        provider: None,
        message: format!("states no {} that the settings allow", odd.join(" and no ")),
    })
}

/// V02, before a row is read.
///
/// # Errors
/// * [`crate::error::Kind::Extract`] when what the manifest states is not allowed under the production profile.
pub fn refuse_purpose(folder: &DeliveryFolder, settings: &Settings) -> Result<()> {
    let found = purpose(&folder.manifest, folder.place(MANIFEST), settings).filter(Finding::refuses);
    found.map_or(Ok(()), |finding| Err(finding.into_error()))
}

/// ABSENT: the first rows that providers ever send only add, to nothing. In one line, however many they are.
fn founded_on_nothing(delivery: &Delivery) -> Option<Finding> {
    let tables: BTreeSet<&str> = delivery.founded_on_nothing.iter().map(|(table, _)| table.as_str()).collect();
    let providers: BTreeSet<&str> = delivery.founded_on_nothing.iter().map(|(_, provider)| provider.as_str()).collect();
    let [tables, providers] = [tables, providers].map(|names| listed(&names.into_iter().collect::<Vec<_>>()));
    (!delivery.founded_on_nothing.is_empty()).then(|| Finding {
        rule: "ABSENT",
        action: Action::Warn,
        table: delivery.place(MANIFEST),
        provider: None,
        message: format!(
            "no full delivery came before the first {tables} of {providers}: what was before is not known; ask for one"
        ),
    })
}

/// V07: many persons are unknown; very many, and the table must be under another key, or of another day, than `patients`.
fn strangers(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let limit = |name| settings.rules.limit("V07", name);
    let said_above = limit(if admitted.table.is_kept_by_practices() { "gp_share" } else { "other_share" });
    let refused_above = said_above * limit("refuse_times");
    let share = admitted.tally.stranger_share();
    let above = if share > refused_above { refused_above } else { said_above };
    let is_many = admitted.tally.strangers() as f64 >= limit("rows_min") && share > above;
    is_many.then(|| Finding {
        rule: "V07",
        action: if share > refused_above { Action::File } else { Action::Warn },
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!(
            "the persons of {} of the rows are not in patients, more than {}",
            percent(share),
            percent(above)
        ),
    })
}

/// V01: a practice or a trust sends what for the most part is another's. Its rows would stand beside those of the other,
/// each counted twice.
fn misplaced(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let profile = admitted.profile.as_ref().filter(|_| admitted.is_organisation)?;
    let rows_of = |is_own: bool| {
        let organisations = profile.organisations.iter();
        organisations.filter(|(name, _)| (**name == admitted.provider) == is_own).map(|(_, counts)| counts.rows).sum()
    };
    let (own, others): (u64, u64) = (rows_of(true), rows_of(false));
    let share = others as f64 / (own + others).max(1) as f64;
    let above = settings.rules.limit("V01", "misplaced_share");
    (others as f64 >= settings.rules.limit("V01", "misplaced_min") && share > above).then(|| Finding {
        rule: "V01",
        action: Action::File,
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!(
            "{} of the rows name another organisation than the provider_code of the manifest, more than {}",
            percent(share),
            percent(above)
        ),
    })
}

/// V20: so many of a supplier's rows have codes that are none that its system must be sending others.
fn codes_that_are_none(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let n = admitted.tally.rejected.get("V20").copied().unwrap_or_default();
    let share = n as f64 / admitted.tally.read.max(1) as f64;
    let above = settings.rules.limit("V20", "share");
    (n as f64 >= settings.rules.limit("V20", "rows_min") && share > above).then(|| Finding {
        rule: "V20",
        action: Action::Warn,
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: format!("{} of the rows have a code that is no SNOMED CT concept's", percent(share)),
    })
}

/// V03: a column that may hold NHS numbers, too few to refuse the file.
fn perhaps_leaks(admitted: &Admitted) -> impl Iterator<Item = Finding> {
    admitted.perhaps_leaks.iter().map(|message| Finding {
        rule: "V03",
        action: Action::Warn,
        table: admitted.table.name.clone(),
        provider: Some(admitted.provider.clone()),
        message: message.clone(),
    })
}

/// V42: of what one provider sends of a core or an optional table too much is rejected, though the whole table may bear it.
/// Never stricter than the whole table is judged.
fn too_many_rejected_of_one(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    let Admitted { table, provider, tally, .. } = admitted;
    let above = settings.rules.limit("V42", "feed_share").max(settings.gate.rejected_rows_max);
    let is_many = tally.rejected_in_share() as f64 >= settings.rules.limit("V42", "rows_min");
    (table.tier != Tier::Advised && is_many && tally.rejected_share() > above).then(|| Finding {
        rule: "V42",
        action: Action::File,
        table: table.name.clone(),
        provider: Some(provider.clone()),
        message: rejected_too_many(tally, above, &admitted.rejections),
    })
}

/// SPOILT, unless so many rows are lost with the column that V42 refuses the feed or speaks of it, and says which column it
/// is.
fn spoilt(admitted: &Admitted, settings: &Settings) -> Option<Finding> {
    match too_many_rejected_of_one(admitted, settings).or_else(|| lost::finding(admitted, settings)) {
        None => spoilt::finding(admitted, settings),
        Some(_) => None,
    }
}

/// V42: a core table, from whomever it comes, loses more of its rows to the checks than allowed.
fn too_many_rejected(delivery: &Delivery, settings: &Settings) -> Vec<Finding> {
    let share_max = settings.gate.rejected_rows_max;
    let is_too_many = |tally: &Tally| {
        tally.rejected_in_share() as f64 >= settings.rules.limit("V42", "rows_min")
            && tally.rejected_share() > share_max
    };
    let of_tables = delivery.tables.chunk_by(|one, other| one.table.name == other.table.name);
    let sums = of_tables.filter(|suppliers| suppliers[0].table.tier == Tier::Core).map(|suppliers| {
        let mut sum = Tally::default();
        suppliers.iter().for_each(|admitted| sum.add(&admitted.tally));
        (suppliers, sum)
    });
    sums.filter(|(_, tally)| is_too_many(tally))
        .map(|(suppliers, tally)| Finding {
            rule: "V42",
            action: Action::Run,
            table: suppliers[0].table.name.clone(),
            provider: None,
            message: rejected_too_many(&tally, share_max, suppliers.iter().flat_map(|of| &of.rejections)),
        })
        .collect()
}

/// An objection cannot be read: going on without it means calling someone who said no. A copy (V06) loses nothing.
pub(super) fn lost_objection(admitted: &Admitted) -> Option<Error> {
    let is_lost = |one: &&Rejection| admitted.table.kind == TableKind::Permission && one.rule != "V06";
    let lost: Vec<&Rejection> = admitted.rejections.iter().filter(is_lost).collect();
    let first = lost.first()?;
    let what = "an objection cannot be read, and whoever made it would be called";
    let error = Error::refused(what, "have the row corrected and the delivery sent again")
        .file(first.file.to_string())
        .row(first.row)
        .column(first.column)
        .rule(first.rule);
    Some(if lost.len() == 1 { error } else { error.also(&format!("{} rows are like this", lost.len())) })
}
