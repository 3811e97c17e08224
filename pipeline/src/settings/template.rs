//! The commented settings file that `init` writes.

/// `earlycall.toml` with every key, its meaning and its default.
pub const TEMPLATE: &str = include_str!("earlycall.toml");

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::settings::Settings;

    #[test]
    fn the_template_means_the_defaults() {
        let template = Settings::parse(super::TEMPLATE, Path::new("")).unwrap();
        let mut research = Settings::parse("[profile]\nkind = \"research\"", Path::new("")).unwrap();
        research.state.folder = Some("state".into());
        assert_eq!(format!("{template:?}"), format!("{research:?}"));
    }
}
