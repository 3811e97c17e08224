//! Deliveries settled one after the other, and what is known of them on which day: by hand, and on random ones.

mod clocks;
mod feed_rows;
mod invented;
mod later_columns;
mod parts;
mod replay;
mod support;
mod versions;
mod waiting;
mod without;
