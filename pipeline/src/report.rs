//! What `check` tells beside the tallies of the rules: whether the code lists find the people that they should, and
//! whether the codes that arrive are in the dialects that the lists are in. Numbers of people and of codes, never a value.

pub mod dialects;
pub mod registers;
