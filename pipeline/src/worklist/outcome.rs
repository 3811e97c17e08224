//! What may come of a contact: the words in the drop-down list, and the code of `coach_contacts` that each stands for.

/// The codes of `coach_contacts.outcome`, in the order in which a coach is offered them.
pub const OUTCOMES: [&str; 14] = [
    "accepted_coaching",
    "accepted_social_prescribing",
    "accepted_virtual_ward",
    "accepted_home_care",
    "no_answer",
    "voicemail",
    "wrong_number",
    "call_back",
    "declined",
    "unsuitable",
    "already_supported",
    "in_hospital",
    "moved",
    "deceased",
];

/// The words of a code: "No answer" for `no_answer`.
pub fn in_words(code: &str) -> String {
    let spaced = code.replace('_', " ");
    let mut letters = spaced.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// The code of the words, in any case and with blanks around; anything else is `None`.
///
/// # Example
/// ```
/// use earlycall::worklist::outcome::code_of;
/// assert_eq!(code_of("No answer"), Some("no_answer"));
/// assert_eq!(code_of("not in the list"), None);
/// ```
pub fn code_of(words: &str) -> Option<&'static str> {
    let words = words.trim().to_lowercase();
    OUTCOMES.into_iter().find(|code| in_words(code).to_lowercase() == words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_code() {
        for code in OUTCOMES {
            assert_eq!(code_of(&in_words(code)), Some(code));
        }
        assert_eq!(in_words("accepted_home_care"), "Accepted home care");
        assert_eq!(code_of(" NO ANSWER "), Some("no_answer"));
        assert_eq!(code_of(""), None);
    }
}
