//! How old a model is: what it learnt from ends on a day, and the world goes on.

use earlycall_model::artefact::Artefact;

use crate::{
    day::Day,
    error::{Error, Kind, Result},
    settings::Settings,
};

/// Whether a model may still score an index date. What the data engineer must know of it, if anything.
///
/// # Errors
/// * [`Kind::Model`] in production, when it has expired or does not say what it learnt from.
pub fn check(artefact: &Artefact, settings: &Settings, index_date: Day) -> Result<Option<String>> {
    let most = settings.model.expires_after_days;
    let what = match Day::parse(&artefact.training.data_to) {
        Some(data_to) if index_date - data_to <= most => return Ok(None),
        Some(data_to) => format!(
            "the model learnt from data to {data_to}, {} days before the index date: [model] expires_after_days is {most}",
            index_date - data_to
        ),
        None => "the model does not say to which day its data go".to_owned(),
    };
    let hint = "train again on later index dates, and promote";
    match settings.is_research() {
        true => Ok(Some(format!("{what}; {hint}"))),
        false => Err(Error::new(Kind::Model, what).hint(hint)),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use earlycall_model::horizons::HorizonsModel;
    use earlycall_model::{Column, ColumnKind, Rows, Training, artefact::TrainingWindow, boosted::BoostedParams};
    use ndarray::Array2;

    use super::*;

    fn artefact(data_to: &str) -> Artefact {
        let columns = [Column::new("age_years", "age", ColumnKind::Measure)];
        let x = Array2::from_shape_fn((60, 1), |(row, _)| (row % 6) as f64);
        let events: Vec<bool> = (0..60).map(|row| row % 5 == 0).collect();
        let persons: Vec<u64> = (0..60).collect();
        let training = Training { rows: Rows { columns: &columns, x: x.view() }, events: &events, persons: &persons };
        let model = BoostedParams::new().bags(2).check().unwrap().fit(&training).unwrap();
        let training = TrainingWindow { data_to: data_to.to_owned(), ..TrainingWindow::default() };
        Artefact { training, ..Artefact::of(HorizonsModel::of_one(model)) }
    }

    #[test]
    fn a_model_is_used_to_the_last_of_its_days_and_no_longer() {
        let settings = |profile: &str| {
            let text = format!("[profile]\nkind = \"{profile}\"\n[model]\nexpires_after_days = 10");
            Settings::parse(&text, Path::new("")).unwrap()
        };
        let check = |profile: &str, data_to: &str, day: &str| {
            check(&artefact(data_to), &settings(profile), Day::parse(day).unwrap())
        };
        for profile in ["production", "research"] {
            assert_eq!(check(profile, "2026-11-10", "2026-11-20").unwrap(), None);
            // A past night that is made up for is no reason to doubt its model.
            assert_eq!(check(profile, "2026-11-10", "2026-11-01").unwrap(), None);
        }
        let refused = check("production", "2026-11-10", "2026-11-21").unwrap_err();
        assert_eq!(refused.kind(), Kind::Model);
        assert!(refused.to_string().contains("11 days before the index date"), "{refused}");
        let warned = check("research", "2026-11-10", "2026-11-21").unwrap().unwrap();
        assert!(warned.contains("expires_after_days is 10; train again"), "{warned}");
        assert!(check("production", "", "2026-11-21").is_err());
    }
}
