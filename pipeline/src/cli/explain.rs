//! `earlycall explain`: one person's risk, contribution by contribution, or (`explain_rule`) what a rule means.

use earlycall_model::{Column, Rows};
use ndarray::ArrayView2;

use super::{Common, explain_rule::explain_rule, usage};
use crate::{
    codelists::CodeLists,
    cohort::{self, Circumstances, one_fate::Fates, standing::Standing},
    day::Day,
    error::{Error, Kind, Result},
    features::{self, columns::entry_of},
    history::{History, records::PersonKey},
    model_store::Chosen,
    objections::holding::holding,
    settings::Settings,
    store::{Store, disk::FileSystem},
    supply::Supply,
    worklist::change::risk_in_words,
};

/// Explain one person's risk, or a rule: `explain PERSON_ID`, `explain rule V12`.
#[derive(Debug, clap::Args)]
pub struct Explain {
    /// A person id, or `rule` and the id of a rule.
    #[arg(required = true, num_args = 1..=2, value_names = ["PERSON_ID|rule", "RULE"])]
    what: Vec<String>,
    /// As known on this date; absent: the newest published night's.
    #[arg(long, value_name = "DATE")]
    index_date: Option<Day>,
}

impl Explain {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        match self.what.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            // A page is wanted most when the settings are broken: then it has the limits that are declared.
            ["rule", id] => explain_rule(id, &common.settings().unwrap_or_default()),
            [person] => {
                let person = PersonKey::parse(person)
                    .ok_or_else(|| usage("a person id is 64 lower-case hexadecimal characters"))?;
                let settings = common.settings()?;
                let explained =
                    |store: &Store| explain_person(store, &settings, person, self.index_date, common.threads());
                let ((), revised, given) = holding(&settings, &FileSystem, explained)?;
                common.tell_revised(revised.as_ref());
                given
            }
            _ => Err(usage("name a person id, or `rule` and the id of a rule")),
        }
    }
}

fn explain_person(
    store: &Store,
    settings: &Settings,
    key: PersonKey,
    index_date: Option<Day>,
    threads: usize,
) -> Result<()> {
    let nothing = |what: &str| Error::new(Kind::Usage, what).hint("run a night first");
    let folder = store.history()?.ok_or_else(|| nothing("nothing is settled yet"))?;
    let history = History::open(&folder, CodeLists::of(settings)?, &settings.feeds)?;
    let newest_night = store.nights()?.last().map(|night| night.index_date);
    let index_date = index_date.or(newest_night).ok_or_else(|| nothing("no night is published yet"))?;
    let view = history.view(index_date);
    let supply = Supply::under(&history, &view, &settings.rules, threads)?;
    let model = Chosen::for_supply(settings, &history.lists, &supply)?;
    let feeds = supply.feeds(&model.artefact.without);
    let fates = Fates::of(&history, &view, &feeds, settings, threads)?;
    let at = Circumstances::of(&history.reference, index_date, &feeds, settings, &fates);
    let people = history.each_listed(&view, threads, &[key].into(), |people| people)?.concat();
    let person = people
        .first()
        .filter(|person| cohort::is_somebody(person, &at))
        .ok_or_else(|| usage("nobody has this person id"))?;
    let assessed = cohort::assess(person, &at);
    if assessed.standing != Standing::Scored {
        tell!("not scored on {index_date}: {}", assessed.standing.in_words());
        return Ok(());
    }
    let columns = model.columns();
    let subject = assessed.subject();
    let row: Vec<f64> = model.numbers(&features::build(&subject, index_date, &feeds).values).collect();
    let x = ArrayView2::from_shape((1, row.len()), &row).expect("one row of its own length");
    let refused = |error: earlycall_model::Error| Error::new(Kind::Model, error.to_string());
    let rows = Rows { columns, x };
    let contributions = model.lead().contributions(&rows, 0).map_err(refused)?;
    let score = model.lead().score(&rows).map_err(refused)?[0];
    tell!("risk on {index_date}: {} ({:.4}), log-odds {:.6}", risk_in_words(score.risk), score.risk, score.log_odds);
    for (days, risk) in model.model().horizons_days().iter().zip(model.model().risks(&rows).map_err(refused)?) {
        tell!("within {days} days: {} ({risk:.4})", risk_in_words(risk));
    }
    model.badge().into_iter().for_each(|badge| tell!("{badge}"));
    tell!("{:>12}  {:<44}value", "log-odds", "column, or two columns together");
    tell!("{:>12.6}  average person of the training set", contributions.base);
    let alone = (0..columns.len()).zip(&contributions.by_column);
    let age_years = subject.age_years(index_date);
    let alone =
        alone.map(|(at, part)| (*part, columns[at].name.clone(), value_in_words(&columns[at], row[at], age_years)));
    let surfaces = model.lead().formula().surfaces.iter().zip(&contributions.by_pair);
    let together = surfaces.map(|(surface, part)| {
        let [one, other] = surface.columns.map(|at| &columns[at].name);
        (*part, format!("{one} and {other}"), "together".to_owned())
    });
    let mut told: Vec<(f64, String, String)> = alone.chain(together).filter(|(part, ..)| *part != 0.0).collect();
    // A stable sort: equals stay in the order of the columns.
    told.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    for (part, name, value) in told {
        tell!("{part:>+12.6}  {name:<44}{value}");
    }
    tell!("{:>12.6}  sum", contributions.log_odds());
    Ok(())
}

fn value_in_words(column: &Column, value: f64, age_years: i64) -> String {
    match value {
        value if value.is_nan() => {
            let too_young = entry_of(&column.name).and_then(|entry| features::too_young(entry, age_years));
            too_young.unwrap_or_else(|| "no data".to_owned())
        }
        value if value.is_infinite() => match entry_of(&column.name).and_then(|entry| entry.within_days.last()) {
            Some(days) => format!("none in the last {}", features::window_in_words(*days)),
            None => "never".to_owned(),
        },
        value => format!("{value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::model_columns;

    #[test]
    fn a_value_that_is_missing_for_somebodys_age_says_so_and_any_other_is_no_data() {
        let columns = model_columns();
        let told = |name: &str, value: f64, age_years: i64| {
            let column = columns.iter().find(|column| column.column.name == name).unwrap();
            value_in_words(&column.column, value, age_years)
        };
        let words = "Not scored below 75 years: counted as for others below that age";
        assert_eq!(told("hfrs_points_730d", f64::NAN, 74), words);
        assert_eq!(told("hfrs_points_730d", 6.8, 75), "6.8");
        assert_eq!(told("bmi_kg_per_m2_latest", f64::NAN, 74), "no data");
        assert_eq!(told("days_since_last_ae_attendance", f64::INFINITY, 74), "none in the last 3 years");
        assert_eq!(told("days_since_first_copd", f64::INFINITY, 74), "never");
    }
}
