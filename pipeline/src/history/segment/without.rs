//! A segment once more, without some of its rows: what loses none is taken over as it lies in the file.

use std::fs::File;

use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch},
    compute::filter_record_batch,
    datatypes::UInt32Type,
};

use crate::{
    error::{Error, Result},
    history::{
        layout::holds_words,
        segment::{
            Segment, SegmentWriter, WRITTEN_AT_ONCE,
            footer::{Block, Group},
        },
    },
    store::staged::Staged,
};

impl Segment {
    /// Writes the segment once more, under `path` and without some rows: per bucket their numbers, in order. A word that no
    /// other row says is forgotten with them. Tells which buckets are left; without any there is no file.
    ///
    /// # Errors
    /// * [`crate::error::Kind::Storage`] when the file cannot be read, is not what was written, or the new one cannot be
    ///   written.
    pub fn write_without(
        &self,
        gone: &[Vec<u32>],
        path: &str,
        event: Option<&str>,
        staged: &Staged,
    ) -> Result<Vec<u8>> {
        let file = File::open(&self.path).map_err(|error| Error::storage(&self.path, "read", &error))?;
        let forgotten = self.forgotten(gone, &file)?;
        // One of the generation that is being made lies where its successor will. What is open can still be read.
        if self.path.starts_with(staged.path()) {
            staged.discard(path)?;
        }
        if self.footer.groups.iter().all(|group| gone_of(gone, group).len() == group.rows as usize) {
            return Ok(Vec::new());
        }
        let mut writer = SegmentWriter::create(staged, path, &self.schema, event, self.delivery())?;
        writer.footer.words.clone_from(&self.footer.words);
        for word in forgotten {
            writer.footer.words[word].clear();
        }
        for group in &self.footer.groups {
            match gone_of(gone, group) {
                [] => writer.take_over(self, group, &file)?,
                rows if rows.len() == group.rows as usize => {}
                rows => writer.append_own(group.bucket.into(), &self.kept(group, rows, &file)?)?,
            }
        }
        writer.finish()
    }

    /// The rows of a bucket but for some.
    fn kept(&self, group: &Group, gone: &[u32], file: &File) -> Result<RecordBatch> {
        let mut bytes = Vec::new();
        let columns = (0..self.schema.fields().len()).map(|at| self.own_column(at, group, file, &mut bytes));
        let rows = RecordBatch::try_new(self.schema.clone(), columns.collect::<Result<_>>()?);
        let rows = rows.expect("a column is unpacked as its type");
        Ok(filter_record_batch(&rows, &stays(group, gone)).expect("one flag per row"))
    }

    /// The words that no row says but those that go, by the segment's own numbers.
    fn forgotten(&self, gone: &[Vec<u32>], file: &File) -> Result<Vec<usize>> {
        let mut is_at_stake = vec![false; self.footer.words.len()];
        for group in self.footer.groups.iter().filter(|group| !gone_of(gone, group).is_empty()) {
            let goes = arrow::compute::not(&stays(group, gone_of(gone, group))).expect("flags");
            self.each_word(group, &goes, file, |word| is_at_stake[word] = true)?;
        }
        for group in &self.footer.groups {
            // Most are said again soon: the few columns that are looked at are all there is to read.
            if !is_at_stake.contains(&true) {
                break;
            }
            self.each_word(group, &stays(group, gone_of(gone, group)), file, |word| is_at_stake[word] = false)?;
        }
        Ok((0..is_at_stake.len()).filter(|word| is_at_stake[*word]).collect())
    }

    /// Visits each word that a bucket's rows with a flag say.
    fn each_word(&self, group: &Group, flags: &BooleanArray, file: &File, mut visit: impl FnMut(usize)) -> Result<()> {
        let mut bytes = Vec::new();
        let positions = 0..self.schema.fields().len();
        for at in positions.filter(|at| holds_words(self.schema.field(*at))) {
            let column = self.own_column(at, group, file, &mut bytes)?;
            let words = column.as_primitive::<UInt32Type>();
            let said = |row: &usize| flags.value(*row) && words.is_valid(*row);
            (0..words.len()).filter(said).for_each(|row| visit(words.value(row) as usize));
        }
        Ok(())
    }
}

impl SegmentWriter {
    /// Appends a bucket of another segment, byte by byte; its words have the same numbers here.
    fn take_over(&mut self, segment: &Segment, group: &Group, file: &File) -> Result<()> {
        let mut bytes = Vec::new();
        let mut blocks: Vec<Block> = Vec::with_capacity(group.blocks.len());
        for (at, block) in group.blocks.iter().enumerate() {
            if let Some(same) = group.blocks[..at].iter().position(|before| before.offset == block.offset) {
                blocks.push(Block { offset: blocks[same].offset, ..*block });
                continue;
            }
            segment.packed(block, file, &mut bytes)?;
            self.pending.extend_from_slice(&bytes);
            blocks.push(Block { offset: self.offset, ..*block });
            self.offset += u64::from(block.length);
        }
        self.footer.groups.push(Group { blocks, ..*group });
        self.write_if(WRITTEN_AT_ONCE)
    }
}

fn gone_of<'a>(gone: &'a [Vec<u32>], group: &Group) -> &'a [u32] {
    &gone[usize::from(group.bucket)]
}

fn stays(group: &Group, gone: &[u32]) -> BooleanArray {
    let mut stays = vec![true; group.rows as usize];
    gone.iter().for_each(|row| stays[*row as usize] = false);
    BooleanArray::from(stays)
}
