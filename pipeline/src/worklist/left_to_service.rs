//! That somebody is on no list of a pathway because a service looks after them already, as a night keeps it: so that the
//! counts can be put right once they are in the night no longer.

use std::sync::Arc;

/// A rule of a pathway finds somebody, and they are left to a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftToService {
    /// The pathway, by its code.
    pub pathway: Arc<str>,
    /// The service, by its id.
    pub service: Arc<str>,
    /// The team that would have had them on its list; none where no team covers them.
    pub team_id: Option<Arc<str>>,
}

impl LeftToService {
    /// `PATHWAY:SERVICE:TEAM`, with nothing for no team.
    pub fn to_text(&self) -> String {
        let LeftToService { pathway, service, team_id } = self;
        format!("{pathway}:{service}:{}", team_id.as_deref().unwrap_or_default())
    }

    /// What is written so; anything else is `None`.
    ///
    /// # Example
    /// ```
    /// use earlycall::worklist::left_to_service::LeftToService;
    /// let left = LeftToService::parse("coaching:virtual_ward:coach-31").unwrap();
    /// assert_eq!(left.team_id.as_deref(), Some("coach-31"));
    /// assert_eq!(LeftToService::parse("coaching:virtual_ward:").unwrap().team_id, None);
    /// assert_eq!(LeftToService::parse("coaching:virtual_ward"), None);
    /// ```
    pub fn parse(text: &str) -> Option<LeftToService> {
        let (pathway, rest) = text.split_once(':')?;
        let (service, team_id) = rest.split_once(':')?;
        let team_id = Some(team_id).filter(|team_id| !team_id.is_empty()).map(Arc::from);
        Some(LeftToService { pathway: pathway.into(), service: service.into(), team_id })
    }
}
