//! Starts: somebody referred to social prescribing, or who accepted coaching.

use serde::Serialize;

use super::{coaching::Answer, rows::Referral};
use crate::day::Day;

/// A service whose outcomes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// From referrals, as extracts bring them.
    SocialPrescribing,
    /// From what coaches hand in.
    Coaching,
}

impl Service {
    /// Both, in the order in which they are told.
    pub const ALL: [Service; 2] = [Service::SocialPrescribing, Service::Coaching];
}

/// How far a start has come by the end of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Of a referral: to its planned end.
    Completed,
    /// Of coaching: its time is over, and nobody noted that they left. Whether they came to its end, the log does not say.
    TimeOver,
    /// They left it, or were not to be reached any more.
    Disengaged,
    /// Never begun: they, or the service, said no.
    Declined,
    /// They died before it was over.
    Died,
    /// It is not over.
    GoingOn,
}

impl Ending {
    /// Every ending, in the order in which they are told.
    pub const ALL: [Ending; 6] =
        [Ending::Completed, Ending::TimeOver, Ending::Disengaged, Ending::Declined, Ending::Died, Ending::GoingOn];

    /// Whether a need that was named is left unmet.
    pub fn leaves_needs(self) -> bool {
        matches!(self, Ending::Declined | Ending::Disengaged)
    }

    /// What a referral's status says.
    fn of_status(status: &str) -> Ending {
        match status {
            "completed" => Ending::Completed,
            "disengaged" => Ending::Disengaged,
            "declined" => Ending::Declined,
            _ => Ending::GoingOn,
        }
    }
}

/// One referral, or one answer to an offer of coaching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The day.
    pub on: Day,
    /// The link worker's organisation, or the team.
    pub programme: String,
    /// How far it has come.
    pub ending: Ending,
    /// What the person needs, by place among [`super::rows::NEEDS`].
    pub needs: Vec<u8>,
    /// How often they met, where that is recorded.
    pub sessions: Option<u32>,
    /// How far each of the four scores of wellbeing has moved, where all were asked twice.
    pub wellbeing: Option<[i32; 4]>,
}

impl Start {
    /// Of whoever has died what was not over is not going on.
    fn of(on: Day, programme: String, ending: Ending, has_died: bool) -> Start {
        let ending = if has_died && ending == Ending::GoingOn { Ending::Died } else { ending };
        Start { on, programme, ending, needs: Vec::new(), sessions: None, wellbeing: None }
    }

    /// A referral, of somebody who has died or has not.
    pub fn of_referral(referral: Referral, has_died: bool) -> Start {
        let Referral { on, provider, status, needs, sessions, wellbeing } = referral;
        let programme = if provider.is_empty() { "not named".to_owned() } else { provider };
        let start = Start::of(on, programme, Ending::of_status(&status), has_died);
        Start { needs, sessions, wellbeing, ..start }
    }

    /// An answer, of somebody who has died or has not.
    pub fn of_answer(answer: Answer, has_died: bool) -> Start {
        Start::of(answer.on, answer.team_id, answer.ending, has_died)
    }

    /// Whether they were taken on, or still may be.
    pub fn is_taken_up(&self) -> bool {
        self.ending != Ending::Declined
    }

    /// Whether it counts as a start of a service: every referral does, and of answers those that accept.
    pub fn counts_for(&self, service: Service) -> bool {
        service == Service::SocialPrescribing || self.is_taken_up()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_over_when_somebody_dies_is_not_going_on() {
        let referral = |status: &str| Referral {
            on: Day::parse("2026-05-01").unwrap(),
            provider: String::new(),
            status: status.to_owned(),
            needs: vec![],
            sessions: None,
            wellbeing: None,
        };
        let ending = |status, has_died| Start::of_referral(referral(status), has_died).ending;
        for status in ["received", "accepted", "active"] {
            assert_eq!([false, true].map(|died| ending(status, died)), [Ending::GoingOn, Ending::Died], "{status}");
        }
        assert_eq!([ending("completed", true), ending("declined", true)], [Ending::Completed, Ending::Declined]);
        assert_eq!(Start::of_referral(referral("active"), false).programme, "not named");
    }
}
