//! `earlycall diff`: what changed on the lists from one night to another.

use super::Common;
use crate::{
    error::Result,
    night::diff::{Changed, TeamDiff, diff, night_of},
};

/// Who joined, left or moved between two published nights, and why.
#[derive(Debug, clap::Args)]
pub struct Diff {
    /// The earlier night: a date, whose newest revision is meant, or a night such as 2026-11-20.1.
    #[arg(value_name = "D1")]
    from: String,
    /// The later night.
    #[arg(value_name = "D2")]
    to: String,
    /// This team alone.
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
}

impl Diff {
    pub(super) fn run(&self, common: &Common) -> Result<()> {
        let settings = common.settings()?;
        let out = settings.output_folder();
        let nights = [night_of(out, &self.from)?, night_of(out, &self.to)?];
        let teams = diff(out, nights[0], nights[1])?;
        for team in teams.iter().filter(|team| self.team.as_ref().is_none_or(|asked| *asked == team.team_id)) {
            tell!("{}: {} lines on {}, {} on {}", team.team_id, team.n_lines[0], nights[0], team.n_lines[1], nights[1]);
            in_words(team).iter().for_each(|line| tell!("  {line}"));
        }
        Ok(())
    }
}

fn in_words(team: &TeamDiff) -> Vec<String> {
    let place = |line_no: Option<u32>| line_no.map_or("-".to_owned(), |line_no| line_no.to_string());
    let told = |word: &str, one: &Changed| {
        let [before, now] = one.line_no.map(place);
        format!("{word:<7}{before:>5} to {now:<5}{}  {}", one.person_ref, one.why)
    };
    let of = |word: &'static str, changed: &[Changed]| changed.iter().map(|one| told(word, one)).collect::<Vec<_>>();
    let mut lines = [of("joined", &team.joined), of("left", &team.left), of("moved", &team.moved)].concat();
    if team.n_shifted > 0 {
        lines.push(format!("{} others have another place because of these", team.n_shifted));
    }
    if lines.is_empty() {
        lines.push("no change".to_owned());
    }
    lines
}
