//! Lists that leave the service encrypted: a team's folder holds today's list for its recipients and nothing in the clear,
//! also after a revision.

use std::{fs, io::Read};

use earlycall::encryption::{decrypt, new_key, parse_key};

use crate::{
    service::{FIRST, Service},
    two_nights::{first, listed},
};

#[test]
fn a_team_s_folder_holds_the_newest_list_for_its_recipients_alone_also_after_an_objection() {
    let service = Service::after_first_night();
    let lists = listed(&service, &first(&service));
    let (team_id, people) = lists.into_iter().find(|(_, people)| people.len() > 2).expect("a list of some length");
    let (key, recipient) = new_key();
    let opened = || {
        let sealed = fs::read(service.folder().join("team/worklist.csv.age")).unwrap();
        let mut plain = Vec::new();
        decrypt(&parse_key(&key).unwrap(), &*sealed).unwrap().read_to_end(&mut plain).unwrap();
        plain
    };
    let published = |revision: u8| {
        let list = service.night(&format!("{FIRST}.{revision}")).join("worklists").join(&team_id).join("worklist.csv");
        fs::read(list).unwrap()
    };

    service.add_settings(&format!("[delivery.{team_id}]\nfolder = \"team\"\nrecipients = [\"{recipient}\"]"));
    assert_eq!(
        service.earlycall(&["run", "--index-date", FIRST]).code,
        99,
        "the night stands, and the team is given it"
    );
    assert_eq!(opened(), published(1));

    service.must(&["objection", "add", &people[1], "--by", "A. Nurse"]);
    assert_eq!(opened(), published(2));
    assert_ne!(published(1), published(2));
    let names = fs::read_dir(service.folder().join("team")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| name.to_string_lossy().ends_with(".age")), "nothing is in the clear");
}
