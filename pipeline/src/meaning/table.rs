//! Meanings by place: a code's beginning is a number, and the number leads to the meaning without a search.

/// Which of a few meanings each of many places has.
pub(super) struct Table<M> {
    meanings: Vec<M>,
    of_place: Vec<u16>,
}

impl<M: Default + PartialEq> Table<M> {
    /// Fills the places of these texts; all others mean nothing.
    pub fn new(texts: impl Iterator<Item = String>, place: fn(&str) -> usize, meaning: impl Fn(&str) -> M) -> Table<M> {
        let mut table = Table { meanings: vec![M::default()], of_place: Vec::new() };
        for text in texts {
            let meaning = meaning(&text);
            let known = table.meanings.iter().position(|known| *known == meaning);
            let known = known.unwrap_or_else(|| {
                table.meanings.push(meaning);
                table.meanings.len() - 1
            });
            let place = place(&text);
            if place >= table.of_place.len() {
                table.of_place.resize(place + 1, 0);
            }
            table.of_place[place] = known as u16;
        }
        table
    }

    /// The meaning of a place.
    pub fn at(&self, place: usize) -> &M {
        &self.meanings[usize::from(self.of_place[place])]
    }
}
