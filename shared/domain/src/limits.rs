//! Every bound of the product, in one place. The unit is the last word of the name.

pub const EMAIL_BYTES_MAX: usize = 254;
pub const NAME_CHARACTERS_MAX: usize = 120;
pub const FILE_NAME_CHARACTERS_MAX: usize = 255;
pub const SEARCH_TEXT_CHARACTERS_MAX: usize = 200;
pub const SEARCH_WORDS_MAX: usize = 64;
/// Hits of one search over all its pages.
pub const SEARCH_HITS_MAX: usize = 1_000;
pub const SEARCH_SNIPPET_CHARACTERS_MAX: usize = 240;
/// Text of one document that the index takes.
pub const SEARCH_ENTRY_PAGES_MAX: usize = 5_000;
pub const SEARCH_ENTRY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Text of documents that goes into one new bundle of an index.
pub const INDEX_RUN_TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Hits of one page of answers.
pub const SEARCH_HITS_PER_PAGE: usize = 20;
/// Clients searched side by side.
pub const SEARCHES_AT_ONCE: usize = 8;
/// Opened indexes that one environment keeps.
pub const INDEXES_KEPT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Texts read side by side when an index is made anew.
pub const INDEX_READS_AT_ONCE: usize = 16;
pub const NOTE_CHARACTERS_MAX: usize = 2_000;

pub const MESSAGE_CHARACTERS_MAX: usize = 10_000;
/// Of messages that one mail repeats.
pub const MAIL_MESSAGE_CHARACTERS_MAX: usize = 4_000;
/// How long whoever wrote a message can change its words.
pub const MESSAGE_EDIT_SECONDS: i64 = 5 * 60;
/// Documents that one message names: as many as one call announces.
pub const ATTACHMENTS_PER_MESSAGE_MAX: usize = 20;
/// What somebody typed and did not send is kept so long after it was last touched.
pub const UNSENT_KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;
/// How long it is known that an attempt was sent, for what comes late of it.
pub const SENT_KNOWN_SECONDS: i64 = 24 * 60 * 60;
/// Texts that a firm keeps to write with: all of them lie in one row.
pub const TEXTS_PER_FIRM_MAX: usize = 50;
pub const TEXT_CHARACTERS_MAX: usize = 1_500;
/// How often a newsletter is mailed to its writer before it is sent.
pub const NEWSLETTER_TRIES_MAX: u32 = 20;
/// People whom one message names.
pub const MENTIONS_PER_MESSAGE_MAX: usize = 50;
pub const MESSAGES_PER_THREAD_MAX: u64 = 50_000;
/// Messages of one person in one thread within [`MESSAGES_WINDOW_SECONDS`] of the first: more than anybody types.
pub const MESSAGES_PER_WINDOW_MAX: u64 = 200;
pub const MESSAGES_WINDOW_SECONDS: i64 = 10 * 60;
/// Messages of one page of a thread, the newest first.
pub const MESSAGES_SHOWN_MAX: usize = 30;
/// Messages that are put into an index side by side when it is made anew.
pub const INDEX_MESSAGES_AT_ONCE: usize = 500;
/// The newest internal notes that are shown beside a thread.
pub const NOTES_SHOWN_MAX: usize = 50;

/// Rows of one page of any list.
pub const PAGE_ROWS_MAX: usize = 100;
/// JSON or form body of a request.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// An address within the portal, as it comes back from a form or a link.
pub const LOCAL_PATH_BYTES_MAX: usize = 1_000;

pub const SESSION_AGE_SECONDS_MAX: i64 = 12 * 60 * 60;
pub const SESSION_IDLE_SECONDS_MAX: i64 = 30 * 60;
/// `last_seen` is stamped at most this often, so idle is judged to this much.
pub const SESSION_TOUCH_SECONDS: i64 = 5 * 60;
/// Sessions one person may hold; the oldest is ended beyond it.
pub const SESSIONS_PER_PERSON_MAX: usize = 50;

/// After this long somebody proves once more who they are before a sensitive act.
pub const CONFIRMED_SECONDS: i64 = 15 * 60;
/// Looking at a client's portal as one of its people, before it has to be begun anew.
pub const VIEWING_SECONDS: i64 = 30 * 60;
/// Personal tokens that one membership may have.
pub const TOKENS_PER_MEMBERSHIP_MAX: usize = 20;
pub const TOKEN_AGE_DAYS_MAX: i64 = 365;
/// A token's last use is stamped at most this often.
pub const TOKEN_TOUCH_SECONDS: i64 = 24 * 60 * 60;

pub const LINK_AGE_SECONDS_MAX: i64 = 10 * 60;
pub const CODE_TRIES_MAX: u32 = 5;
/// Links asked for one address from one network address in one window of [`RATE_WINDOW_SECONDS`].
pub const LINKS_PER_ADDRESS_MAX: u32 = 10;
/// Links asked for one address from everywhere in one window: a stranger with a few machines must not lock somebody out.
pub const LINKS_PER_ADDRESS_ANYWHERE_MAX: u32 = 60;
/// Links mailed to one address in a day, whoever asks for them.
pub const LINKS_PER_ADDRESS_DAILY_MAX: u32 = 300;
/// Links asked from one network address in one window.
pub const LINKS_PER_SOURCE_MAX: u32 = 300;
/// Wrong codes for one address in one window; the mailed link goes on working.
pub const WRONG_CODES_PER_ADDRESS_MAX: u32 = 15;
/// What asking for a link and a refused sign-in take at least, so that neither tells whether an address is known.
pub const SIGN_IN_ANSWER_MILLISECONDS: u64 = 600;
pub const RATE_WINDOW_SECONDS: i64 = 15 * 60;
pub const RATE_DAY_SECONDS: i64 = 24 * 60 * 60;
/// Codes tried for one address in a day.
pub const CODES_PER_ADDRESS_DAILY_MAX: u32 = 60;
/// Step of the codes that apps show, and how many steps a clock may be off.
pub const TOTP_STEP_SECONDS: u64 = 30;
pub const TOTP_SKEW_STEPS: u64 = 1;
/// How long a seed that was shown can be taken up.
pub const TOTP_OFFER_SECONDS: i64 = 15 * 60;
pub const PASSKEYS_PER_PERSON_MAX: usize = 10;
pub const RECOVERY_CODES: usize = 10;
/// Wrong second factors that nobody waits for; from then on the wait doubles up to its bound.
pub const TRIES_FREE: u32 = 4;
pub const TRY_DELAY_SECONDS_MAX: i64 = 15 * 60;
pub const TRIES_FORGOTTEN_SECONDS: i64 = 24 * 60 * 60;
/// How long a browser may take to use or make a passkey.
pub const CEREMONY_SECONDS: i64 = 5 * 60;
/// Passkeys asked for from one network address in one window of [`RATE_WINDOW_SECONDS`].
pub const PASSKEYS_PER_SOURCE_MAX: u32 = 300;
/// From taking a membership up to having the second factor that its firm asks for.
pub const ENROL_WITHIN_SECONDS: i64 = 14 * 24 * 60 * 60;
/// How long a browser that somebody signed in with is known: as long as browsers keep a cookie.
pub const DEVICE_KNOWN_SECONDS: i64 = 400 * 24 * 60 * 60;
pub const DEVICES_PER_PERSON_MAX: usize = 50;
/// Tries of an event that stands for itself, such as a refusal.
pub const NOTE_TRIES_MAX: u32 = 3;

/// Life of vended credentials: the shortest that the token service gives.
pub const GRANT_SECONDS: i32 = 900;
/// A cached grant is dropped this long before its credentials end.
pub const GRANT_MARGIN_SECONDS: i64 = 120;
pub const GRANTS_PER_CALL_MAX: usize = 25;
pub const GRANTS_CACHED_MAX: usize = 500;

/// One file.
pub const DOCUMENT_SIZE_BYTES_MAX: u64 = 5 * 1024 * 1024 * 1024;
/// One file sent by one form. What is larger goes up in parts.
pub const UPLOAD_FORM_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// The least that storage takes as a part which is not the last.
pub const UPLOAD_PART_BYTES_MIN: u64 = 5 * 1024 * 1024;
/// Parts of one upload: as many as one look at what has arrived tells of, and far fewer than storage takes.
pub const UPLOAD_PARTS_MAX: u64 = 640;
/// Parts signed by one call.
pub const UPLOAD_PARTS_PER_CALL_MAX: usize = 20;
/// How long an upload in parts can be gone on with: less than what lies in quarantine is kept.
pub const UPLOAD_PARTS_SECONDS: i64 = 5 * 24 * 60 * 60;
/// A file that is read whole and in memory, for its words. Of a larger one only head and end are looked at.
pub const DOCUMENT_READ_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What is read or copied of a large file at a time.
pub const DOCUMENT_WINDOW_BYTES: u64 = 64 * 1024 * 1024;
/// Windows of one file that are copied side by side.
pub const DOCUMENT_COPIES_AT_ONCE: usize = 4;
/// The head and the end of a large file, by which its kind is told.
pub const DOCUMENT_ENDS_BYTES: u64 = 1024 * 1024;
/// A file that is marked: larger ones take longer than a request may.
pub const DOCUMENT_MARK_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// What is larger than the bound of a request is marked by a worker, up to here.
pub const DOCUMENT_MARK_LARGE_BYTES_MAX: u64 = 128 * 1024 * 1024;
pub const DOCUMENTS_PER_CALL_MAX: usize = 20;
pub const DOCUMENTS_PER_CLIENT_MAX: usize = 10_000;
/// Of these, places that the client's own side cannot fill.
pub const DOCUMENTS_KEPT_BACK: usize = 1_000;
/// People of a client's company whom one document is for.
pub const DOCUMENT_PEOPLE_MAX: usize = 50;
pub const UPLOAD_TICKET_SECONDS: i64 = 15 * 60;
/// A ticket ends with the credentials that sign it, so that those have to last this long for a slow line.
pub const UPLOAD_CREDENTIALS_SECONDS_MIN: i64 = 10 * 60;
/// Documents of one page of the list that people see.
pub const DOCUMENTS_PER_PAGE: usize = 50;
/// Versions of one document, each with its own file.
pub const VERSIONS_PER_DOCUMENT_MAX: usize = 50;
/// Words that people put on one document, and how long each may be.
pub const TAGS_PER_DOCUMENT_MAX: usize = 10;
pub const TAG_CHARACTERS_MAX: usize = 40;
/// Documents that are chosen for one act, and how many of them one transaction changes: each with what follows from it
/// and its place in the bin.
pub const DOCUMENTS_PER_BULK_MAX: usize = 100;
pub const DOCUMENTS_PER_WRITE_MAX: usize = 20;
/// Rows of documents that one page of a narrowed list looks through; it says so, and goes on with the next.
pub const DOCUMENTS_LOOKED_THROUGH_MAX: usize = 2_000;
/// Lines of a document's history that its page shows.
pub const SEEN_SHOWN_MAX: usize = 50;
/// What is read of one document for search: no more than the index takes.
pub const DOCUMENT_TEXT_PAGES_MAX: usize = SEARCH_ENTRY_PAGES_MAX;
pub const DOCUMENT_TEXT_BYTES_MAX: usize = SEARCH_ENTRY_BYTES_MAX;
/// Reading one document; what was read by then is kept.
pub const DOCUMENT_READ_SECONDS_MAX: u64 = 20;
/// The process that reads one document: what it may take before it is ended.
pub const READER_SECONDS_MAX: u64 = 42;
pub const READER_PROCESSOR_SECONDS_MAX: u64 = 60;
/// Addresses, not memory: each thread sets some aside that it never uses.
pub const READER_ADDRESSES_BYTES_MAX: u64 = 1536 * 1024 * 1024;
/// The language is told by the beginning.
pub const LANGUAGE_SAMPLE_BYTES_MAX: usize = 16 * 1024;
/// A page of fewer letters that holds a picture is read by sight.
pub const SIGHT_LETTERS_MIN: usize = 20;
/// Pages of one document that are read by sight, and the time that all of them may take.
pub const SIGHT_PAGES_MAX: usize = 40;
pub const SIGHT_SECONDS_MAX: u64 = 45;
pub const SIGHT_PAGE_SECONDS_MAX: u64 = 10;
/// Pages of a fax that are counted.
pub const SIGHT_PAGES_COUNTED_MAX: usize = 2_000;
/// A page of A4 at 300 dots an inch is 3,508 high.
pub const SIGHT_SIDE_PIXELS_MAX: u32 = 4_000;
/// What a picture may unpack to: a few kilobytes can be a wall.
pub const PICTURE_SIDE_PIXELS_MAX: u32 = 30_000;
pub const PICTURE_PIXELS_MAX: u64 = 64 * 1000 * 1000;
pub const PICTURE_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Pages of one document that have a preview, and its size.
pub const PREVIEW_PAGES_MAX: usize = 20;
/// Pages that one look shows.
pub const PREVIEW_PAGES_PER_LOOK: u32 = 4;
/// Of a small picture: as much paper as a mark can be read on.
pub const PREVIEW_WIDTH_PIXELS_MIN: u32 = 480;
pub const PREVIEW_HEIGHT_PIXELS_MIN: u32 = 320;
pub const PREVIEW_WIDTH_PIXELS_MAX: u32 = 1_000;
pub const PREVIEW_HEIGHT_PIXELS_MAX: u32 = 1_400;
pub const PREVIEW_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// The beginning of a document's words that is set in type where its pages cannot be drawn.
pub const PREVIEW_WORDS_BYTES_MAX: usize = 256 * 1024;
/// Pictures of one document that are stored or fetched at the same time.
pub const PREVIEWS_AT_ONCE: usize = 4;
/// Drawing previews; what is drawn by then is kept.
pub const PREVIEW_SECONDS_MAX: u64 = 15;
/// Tries to read one document, before it is refused unread: one of them may have ended the process.
pub const DOCUMENT_READS_MAX: u32 = 3;
/// Marking one document: what is left of a request's time.
pub const DOCUMENT_MARK_SECONDS_MAX: u64 = 7;
pub const DOCUMENT_MARK_LARGE_SECONDS_MAX: u64 = 40;
pub const DOCUMENT_MARK_PAGES_MAX: usize = 2_000;
pub const MARK_CHARACTERS_MAX: usize = 400;
/// Points of a picture, or of all its pages, that is marked: as many as phones take. And what they take in memory.
pub const MARK_PIXELS_MAX: u64 = 50_000_000;
pub const MARK_PIXELS_BYTES_MAX: u64 = 200_000_000;
/// Office files are archives: what one may hold once unpacked.
pub const ARCHIVE_ENTRIES_MAX: usize = 10_000;
pub const ARCHIVE_ENTRY_BYTES_MAX: u64 = 64 * 1024 * 1024;
pub const ARCHIVE_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Times that an entry may grow, once it is larger than [`ARCHIVE_RATIO_FREE_BYTES`].
pub const ARCHIVE_RATIO_MAX: u64 = 100;
pub const ARCHIVE_RATIO_FREE_BYTES: u64 = 4 * 1024 * 1024;
/// Numbers, names, strings, lists of one PDF, whose smallest takes two bytes in the file and a hundred in memory.
pub const PDF_VALUES_MAX: usize = 3_000_000;
/// The highest number of an object, as the format's own annex of limits has it.
pub const PDF_OBJECT_NUMBER_MAX: u32 = 8_388_607;
pub const PDF_NESTING_MAX: usize = 64;
/// Unpacked lists of objects of one PDF.
pub const PDF_OBJECTS_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// One unpacked drawing or character map of a PDF.
pub const PDF_STREAM_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// Drawing steps that are followed in one PDF.
pub const PDF_STEPS_MAX: u64 = 20_000_000;
/// Drawings inside drawings.
pub const PDF_DRAWING_NESTING_MAX: usize = 12;
/// Documents of one zip, and their bytes together.
pub const ZIP_DOCUMENTS_MAX: usize = 2_000;
pub const ZIP_BYTES_MAX: u64 = 10 * 1024 * 1024 * 1024;
/// What is written of a zip at a time, and read of a file that is too large for memory. Storage takes ten thousand such
/// parts.
pub const ZIP_PART_BYTES: usize = 16 * 1024 * 1024;
/// A folder or a file in a zip, so that a whole path is one that every system takes.
pub const ZIP_NAME_CHARACTERS_MAX: usize = 80;
/// After this long a zip's maker writes down how far it is, and hands on to the next run.
pub const ZIP_STEP_SECONDS: i64 = 5;
pub const ZIP_RUN_SECONDS: i64 = 60;
/// How long whoever asks for a zip waits for it on the spot, before a page says how far it is.
pub const ZIP_AWAITED_MILLISECONDS: u64 = 2_500;
/// Zips of one person that are being made at the same time.
pub const ZIPS_AT_ONCE: usize = 3;
/// A large file's marked copy that is asked for again within this time is the same one.
pub const COPY_ASKED_AGAIN_SECONDS: i64 = 60;
/// Zips of a client that are looked through for those of one person that are being made.
pub const PARCELS_COUNTED_MAX: usize = 2_000;
/// A zip that is not there by then is not coming.
pub const ZIP_PATIENCE_SECONDS: i64 = 2 * 60 * 60;
/// How long a zip can be fetched: no longer than the bucket keeps it.
pub const ZIP_KEPT_SECONDS: i64 = 24 * 60 * 60;
/// How long its rows are kept.
pub const ZIP_ROWS_SECONDS: i64 = 3 * 24 * 60 * 60;
/// A presigned download: long enough for a redirect, too short to pass on.
pub const DOWNLOAD_LINK_SECONDS: u64 = 60;

/// Updates of a project that its page shows, and of all projects that are looked through for them.
pub const UPDATES_SHOWN_MAX: usize = 5;
pub const UPDATES_LOOKED_THROUGH_MAX: usize = 200;
/// How long a client's home shows what the firm wrote.
pub const UPDATE_SHOWN_DAYS: i64 = 30;
pub const PROJECTS_PER_CLIENT_MAX: usize = 500;
pub const PHASES_PER_PROJECT_MAX: usize = 12;
/// Projects of one client that its card on a home or board holds, the most urgent first.
pub const CARD_PROJECTS_MAX: usize = 6;
/// Days ahead that a home calls soon.
pub const SOON_DAYS: i32 = 14;
/// How long a refused document asks to be sent again.
pub const SEND_AGAIN_DAYS: i32 = 30;
/// The newest documents that a home or project page looks at.
pub const RECENT_DOCUMENTS_MAX: usize = 100;
/// Request lists of one client that are open at the same time, and the newest lists that are looked through for them.
pub const REQUESTS_OPEN_MAX: usize = 50;
pub const REQUESTS_LOOKED_THROUGH_MAX: usize = 200;
pub const REQUEST_LINES_MAX: usize = 40;
/// Files of all lines of one list.
pub const REQUEST_FILES_MAX: usize = 300;
/// Words of help, a reason, or why somebody does not have something.
pub const REQUEST_REMARK_CHARACTERS_MAX: usize = 500;
/// Days before a line of a list is due on which a client is reminded of what is missing.
pub const REQUEST_REMIND_BEFORE_DAYS: [i32; 2] = [7, 1];
/// Weeks after that day in which the client is reminded once each.
pub const REQUEST_REMIND_WEEKS_MAX: i32 = 8;
/// Reminders of one list that are kept in store at a time. All of a list with one due day fit.
pub const REQUEST_RUNGS_MAX: usize = 12;
/// Lines that a mail about a list names.
pub const REQUEST_LINES_NAMED_MAX: usize = 12;
pub const CLIENTS_PER_FIRM_MAX: usize = 2_500;
/// The newest clients that a list reads one by one, as those of which the view may not be drawn yet.
pub const CLIENTS_UNDRAWN_MAX: usize = 25;
pub const MILESTONES_PER_PROJECT_MAX: usize = 60;
pub const ASSIGNMENTS_PER_PERSON_MAX: usize = 60;
/// Of one firm. Firms invite whom they like: what one of them does must leave room for the others.
pub const MEMBERSHIPS_PER_FIRM_MAX: usize = 20;
/// People of one client's own company.
pub const PEOPLE_PER_CLIENT_MAX: usize = 100;
/// Orders of a company's admins that their page shows.
pub const COMPANY_ORDERS_SHOWN_MAX: usize = 20;
/// How long an order that was refused is shown. It can be given again at any time.
pub const REFUSED_ORDER_SHOWN_SECONDS: i64 = 7 * 24 * 60 * 60;
/// From one review of who has access to the next.
pub const REVIEW_EVERY_DAYS: i64 = 91;
/// People whom one page of a review shows.
pub const REVIEWED_PER_PAGE: usize = 10;
/// Clients and people whom one page of the grid of assignments shows.
pub const GRID_CLIENTS_PER_PAGE: usize = 50;
pub const GRID_PEOPLE_PER_PAGE: usize = 8;
/// How far back sign-ins are shown, and how many pages of a chain are read for it.
pub const SIGN_INS_SHOWN_DAYS: i64 = 90;
/// A logo as it is sent, and as it is kept: drawn anew, no larger than a page shows it at twice its size.
pub const LOGO_BYTES_MAX: usize = 190 * 1024;
pub const LOGO_PIXELS_MAX: u64 = 16_000_000;
pub const LOGO_HEIGHT_PIXELS: u32 = 64;
pub const LOGO_WIDTH_PIXELS_MAX: u32 = 400;
/// An invitation is mailed again no sooner than this.
pub const INVITATION_AGAIN_SECONDS: i64 = 10 * 60;
/// Invitations of one company in a day: as many as a whole department needs, and no way to write to strangers in the
/// firm's name.
pub const COMPANY_INVITATIONS_PER_DAY: usize = 30;
/// Orders of one company that are looked through for them. Whoever gave more in a day waits too.
pub const COMPANY_ORDERS_PER_DAY: usize = 200;
/// A worker that mails one holds it this long.
pub const INVITATION_LEASE_SECONDS: i64 = 30;
/// What an operator says of why: a sentence at least, for partners to read.
pub const REASON_CHARACTERS_MIN: usize = 10;
pub const REASON_CHARACTERS_MAX: usize = 500;
pub const TICKET_CHARACTERS_MAX: usize = 40;
/// For how long an operator is admitted to a client.
pub const ADMISSION_MINUTES_MAX: u32 = 60;
/// An admission that nobody opened by then is refused: whoever asked for it waits no longer.
pub const ADMISSION_OPENED_WITHIN_SECONDS: i64 = 15 * 60;
/// Documents that an admission lists, the newest of them.
pub const ADMISSION_DOCUMENTS_MAX: usize = 200;
/// While its mails are sent, no other run of the worker sends them.
pub const ADMISSION_LEASE_SECONDS: i64 = 30;
/// Partners who hear of an admission by mail.
pub const ADMISSION_TOLD_MAX: usize = 50;
/// Days of usage that an operator's page shows.
pub const USAGE_DAYS_SHOWN: usize = 30;
/// Firms that one hour counts the usage of.
pub const FIRMS_COUNTED_MAX: usize = 10_000;
pub const MEMBERSHIPS_PER_PERSON_MAX: usize = 1_000;
/// People of a firm and of its clients that a search by name looks through.
pub const PEOPLE_SEARCHED_MAX: usize = 20_000;
/// How far events of a chain may stand from where their time would put them: they were written at the same moment.
pub const CHAIN_DISORDER_EVENTS: u64 = 16;
pub const CHAIN_DISORDER_MILLISECONDS: i64 = 60_000;
/// Clients whose chains one look for a code goes through, and how many at a time.
pub const CHAINS_LOOKED_THROUGH_MAX: usize = 200;
pub const CHAINS_AT_ONCE: usize = 16;
/// Clients whose documents one search of a partner goes through.
pub const CLIENTS_SEARCHED_MAX: usize = 50;
/// Projects found by their names that a search shows.
pub const PROJECTS_FOUND_SHOWN: usize = 5;
/// Clients found by their names that a search shows.
pub const CLIENTS_FOUND_SHOWN: usize = 8;
/// Pages of a chain that one page of a filtered list may look through.
pub const AUDIT_PAGES_LOOKED_THROUGH_MAX: usize = 5;
/// A card looks at the newest documents only: what is still being checked arrived minutes ago.
pub const CARD_DOCUMENTS_MAX: usize = 200;

/// Tries of one optimistic write before the caller is told to reload.
pub const WRITE_TRIES_MAX: u32 = 8;
/// The same for what was done outside and cannot be taken back.
pub const MARK_TRIES_MAX: u32 = 24;
/// All tries of one worker's write together.
pub const WORKER_WRITE_SECONDS_MAX: u64 = 30;
/// The pauses before a message that failed comes again, one after another. The first is for a race that was lost and for
/// an answer that came too late, the last for a vendor that is down: the tries of a queue end after some 40 minutes.
pub const RETRY_PAUSE_SECONDS: [i32; 7] = [2, 10, 30, 120, 480, 900, 900];
/// A queue gives a message this often before it goes to the dead ones (`maxReceiveCount`).
pub const QUEUE_TRIES_MAX: u32 = 8;
/// A worker starts no further message when less than this is left of its invocation.
pub const WORKER_MARGIN_SECONDS: i64 = 10;
/// An idempotency record's life.
pub const IDEMPOTENCY_SECONDS: i64 = 24 * 60 * 60;
pub const IDEMPOTENCY_KEY_CHARACTERS_MAX: usize = 64;
/// A claim on an effect: after this another worker may take it over. Short, so that what a killed run left is soon
/// sent by the next.
pub const CLAIM_LEASE_SECONDS: i64 = 15;
/// Handing one notice to the mail or text service, well within the claim's lease.
pub const NOTICE_SEND_SECONDS_MAX: u64 = 10;
/// Characters of one text message in the alphabet of phones.
pub const SMS_SEPTETS_MAX: usize = 160;
/// A code that proves a phone number: how long it is good, and how often it may be tried.
pub const PHONE_CODE_SECONDS: i64 = 10 * 60;
pub const PHONE_CODE_TRIES_MAX: u32 = 5;
/// Such codes sent to one person within this long: each text message costs, and rings somebody up.
pub const PHONE_CODES_MAX: usize = 3;
pub const PHONE_CODES_SECONDS: i64 = 60 * 60;
/// Links of mails for hearing less, opened or pressed from one network address in one window of [`RATE_WINDOW_SECONDS`].
/// A mail service presses them for all whose mail it keeps.
pub const UNSUBSCRIBES_PER_SOURCE_MAX: u32 = 1_000;
/// A language tag with its region.
pub const LANGUAGE_CHARACTERS_MAX: usize = 6;
/// Clock changes that are looked through between the beginning of a person's quiet hours and their end. One at most is
/// what laws bring about.
pub const CLOCK_CHANGES_PER_NIGHT_MAX: usize = 8;
/// News of files are told together when nothing more came for this long; the other bound holds for a burst without end.
/// Both are less than what a queue holds a message back.
pub const FOLD_FILES_SECONDS: i64 = 2 * 60;
pub const FOLD_FILES_SECONDS_MAX: i64 = 10 * 60;
/// The same for one list of documents, and for messages of one thread.
pub const FOLD_LIST_SECONDS: i64 = 60;
pub const FOLD_LIST_SECONDS_MAX: i64 = 5 * 60;
pub const FOLD_MESSAGES_SECONDS: i64 = 30;
pub const FOLD_MESSAGES_SECONDS_MAX: i64 = 2 * 60;
/// After each mail that came back for the time being it is sent again after this long, so often and no more.
pub const RESEND_AFTER_SECONDS: [i64; 2] = [15 * 60, 2 * 60 * 60];
/// Times that one notice is handed to a provider on one channel, those asked for by hand among them.
pub const SENDS_PER_NOTICE_MAX: usize = 10;
/// A text message of which nothing was heard for this long may not have arrived.
pub const TEXT_PATIENCE_SECONDS: i64 = 60 * 60;
/// The id that a provider gives to what it took.
pub const PROVIDER_ID_CHARACTERS_MAX: usize = 200;
/// News told together: what one transaction marks.
pub const NOTICES_FOLDED_MAX: usize = 50;
/// How far back, and how far on, news are looked for that are told together: more than any fold lasts.
pub const NOTICE_FOLD_BACK_SECONDS: i64 = 15 * 60;
/// What a deployment may make of the time for which folds stay open, in percent.
pub const FOLD_PERCENT_MAX: i64 = 100;
/// News that one digest tells; what is more comes in another.
pub const DIGEST_NEWS_MAX: usize = 500;
/// Lines of a digest for one client; how many more there are is said.
pub const DIGEST_LINES_PER_CLIENT_MAX: usize = 30;
/// What a digest is about is looked up so many at a time.
pub const DIGEST_READS_AT_ONCE: usize = 8;
/// Digests that one run of the sweep gives to their queue; the next minute brings the rest.
pub const SWEEP_DIGESTS_MAX: usize = 200;
/// A worker that makes a digest has it for this long, which is as long as it runs.
pub const DIGEST_LEASE_SECONDS: i64 = 60;
/// Files that a mail about many of them names.
pub const FILES_NAMED_MAX: usize = 10;
/// People of one client and its team who may hear of something.
pub const LISTENERS_PER_CLIENT_MAX: usize = 200;
/// After this long a worker tells nobody further in this run; the queue brings the rest again.
pub const NOTICE_BATCH_SECONDS_MAX: i64 = 40;
/// For writing down of which notice a text was, once it has left.
pub const TEXT_PLACE_SECONDS_MAX: u64 = 3;
/// After this long it is asked again whether a text arrived whose mail came back: the most that a queue holds back.
pub const TEXT_ASKED_AGAIN_SECONDS_MAX: i64 = 15 * 60;
/// Before each look for the notice that a text was of. What is unknown after all of them was a code.
pub const TEXT_PLACE_PAUSES_SECONDS: [u64; 3] = [0, 1, 4];
/// Lines of the text service's log that come at once, unpacked. Source: a subscription's batch is at most 1 MB.
pub const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Projects of a month that a mail names, and of each what was reached.
pub const MONTH_LINES_MAX: usize = 8;
/// Pages of a list that are read to count what of it was in a month.
pub const MONTH_PAGES_MAX: usize = 20;
/// A month is told of in its first days after it.
pub const MONTH_TOLD_DAYS: i8 = 5;
/// A finished claim is kept this long, longer than any queue keeps a message.
pub const CLAIM_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;
/// The sweep looks for outbox rows older than this.
pub const OUTBOX_STALE_SECONDS: i64 = 60;
/// Hours that every sweep looks at, its own among them: an outage of that length is healed by the first tick after it.
pub const DUE_SWEEP_HOURS: i64 = 3;
/// How far back the sweep of each hour looks, for what a longer outage left behind.
pub const DUE_BACKLOG_HOURS_MAX: i64 = 25;
/// A reminder asked for this long ago or less is still made: clocks differ, and late is better than never.
pub const DUE_LATE_SECONDS: i64 = 10 * 60;
pub const DUE_SHARDS: u64 = 8;
pub const OUTBOX_SHARDS: u64 = 16;
/// Pointers that one run of the sweep follows; the next minute brings the rest.
pub const SWEEP_ROWS_MAX: usize = 1_000;
/// Queries of the work index at a time, and rows acted on at a time.
pub const SWEEP_READS_AT_ONCE: usize = 8;
pub const SWEEP_ACTS_AT_ONCE: usize = 8;
/// Reminder rows that one change takes away. A transaction has a hundred members; what is left is stale, and dropped
/// when its minute comes.
pub const DUE_DELETES_PER_WRITE_MAX: usize = 25;

/// A mail that comes in, as the mail service takes it: the text that carries its files counts.
pub const MAIL_BYTES_MAX: usize = 40 * 1024 * 1024;
/// The header of a mail, and that of one of its parts.
pub const MAIL_HEADER_BYTES_MAX: usize = 256 * 1024;
pub const MAIL_PART_HEADER_BYTES_MAX: usize = 16 * 1024;
pub const MAIL_PARTS_MAX: usize = 500;
/// Parts inside parts.
pub const MAIL_NESTING_MAX: usize = 16;
/// Hands that a mail went through. One that went through more runs in a circle.
pub const MAIL_HOPS_MAX: usize = 50;
/// The number that a mail carries, and that of the mail it answers.
pub const MAIL_ID_BYTES_MAX: usize = 500;
/// Signatures of a mail that are looked at. One with more proves nothing by them.
pub const MAIL_SIGNATURES_MAX: usize = 10;
/// Addresses of one field of a mail among which its reply address is looked for.
pub const MAIL_RECIPIENTS_MAX: usize = 100;
/// Strangers who are told in one day that they cannot answer at one address. Whoever has it could have mail sent to anybody.
pub const STRANGERS_TOLD_PER_DAY_MAX: usize = 3;
pub const MAIL_SUBJECT_CHARACTERS_MAX: usize = 250;
/// The beginning of a mail's body that is looked through for what is new. Most of a long one is quoted.
pub const REPLY_BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// What somebody newly wrote.
pub const REPLY_TEXT_CHARACTERS_MAX: usize = 20_000;
/// Reply addresses that one mail may be to.
pub const REPLY_ADDRESSES_PER_MAIL_MAX: usize = 20;
/// A reply address is good for this long after the last notice that carries it: 180 days.
pub const REPLY_ADDRESS_SECONDS: i64 = 180 * 24 * 60 * 60;
/// A picture inside of a mail's words below this is taken for a logo.
pub const MAIL_PICTURE_BYTES_MIN: u64 = 16 * 1024;
/// Files of one mail, pictures in its words among them.
pub const REPLY_ATTACHMENTS_MAX: usize = 50;

/// A domain name, as DNS bounds it.
pub const DOMAIN_BYTES_MAX: usize = 253;
/// Connections to providers of single sign-on that one firm keeps, its clients' among them.
pub const CONNECTIONS_PER_FIRM_MAX: usize = 100;
pub const DOMAINS_PER_CONNECTION_MAX: usize = 20;
/// From being sent to a provider to being back.
pub const SSO_REQUEST_SECONDS: i64 = 10 * 60;
/// Refused sign-ins by providers from one network address in one window.
pub const SSO_ANSWERS_PER_SOURCE_MAX: u32 = 300;
/// How often a domain's record is looked for in one window.
pub const SSO_CHECKS_PER_FIRM_MAX: u32 = 60;
/// Within this one person's coming in by a connection for the first time is one order, however often it is tried.
pub const SSO_JOIN_WINDOW_SECONDS: i64 = 60;
/// How long a first sign-in waits for the worker that makes the person. Longer than that the page says how to go on.
pub const SSO_JOIN_WAIT_MILLISECONDS: u64 = 4_000;
pub const SSO_JOIN_LOOK_MILLISECONDS: u64 = 150;
/// How long such an order is kept: the audit says for good what became of it.
pub const SSO_JOIN_KEPT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// People whose sessions end at the same time, where a domain is to sign in by its provider only.
pub const SSO_ENDED_AT_ONCE: usize = 8;
/// Within this the metadata of one connection is read anew once because of unknown keys.
pub const SSO_METADATA_AGAIN_SECONDS: i64 = 5 * 60;
/// Certificates of one connection that are remembered as removed by hand, the newest ones.
pub const SSO_REMOVED_CERTIFICATES_MAX: usize = 50;
/// Metadata of a provider that is pasted into a form, or uploaded.
pub const SSO_METADATA_CHARACTERS_MAX: usize = 200 * 1024;

/// The longest that a rule keeps anything: a hundred years.
pub const RETENTION_MONTHS_MAX: u16 = 100 * 12;
/// Every category of every practice has room for a rule of its own.
pub const RETENTION_RULES_PER_FIRM_MAX: usize = 60;
/// Documents that one run archives or deletes; what is left is due in the next.
pub const RETENTION_RUN_DOCUMENTS_MAX: usize = 1_000;
/// Documents that a list names as due and held; more are counted only.
pub const REHEARSAL_HELD_MAX: usize = 3_000;
/// Documents of a list in one row.
pub const REHEARSAL_PART_DOCUMENTS: usize = 200;
/// How long something lies in the bin before it is removed for good.
pub const BIN_SECONDS: i64 = 30 * 24 * 60 * 60;
/// How long the row of an upload that never came, or was given up, is kept after its ticket ran out: its sender sees in
/// the list that it did not arrive.
pub const UPLOAD_LAPSES_SECONDS: i64 = 7 * 24 * 60 * 60;
/// How long the row of a file that was refused is kept: its sender is asked for another copy so long.
pub const REFUSED_LAPSES_SECONDS: i64 = 30 * 24 * 60 * 60;
/// Documents that a worker archives or deletes before it lets others of its queue come in between.
pub const RETENTION_STEPS_AT_ONCE: usize = 100;
/// Calls to the bucket that a worker makes at the same time for one document.
pub const RETENTION_CALLS_AT_ONCE: usize = 8;
/// Rows or objects of an erased client that a worker deletes before it lets others come in between.
pub const ERASURE_DELETES_AT_ONCE: usize = 2_000;
/// Runs, and erasures, that a page shows.
pub const RETENTION_RUNS_SHOWN: usize = 50;
/// A rehearsal that nobody confirmed and began by then says too little about what is there.
pub const REHEARSAL_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Legal holds in force on one client's things.
pub const HOLDS_PER_CLIENT_MAX: usize = 50;
/// Of a single row that lists all holds in force: with more the whole project is held.
pub const HOLD_DOCUMENTS_MAX: usize = 80;
/// Holds that a page shows, released ones too.
pub const HOLDS_OF_RECORD_SHOWN: usize = 200;
/// An erasure that no second person confirmed by then has to be asked for again.
pub const ERASURE_CONFIRM_SECONDS: i64 = 7 * 24 * 60 * 60;
/// From the confirmation of an erasure to the destruction of the key: time to think again.
pub const ERASURE_WAIT_SECONDS: i64 = 7 * 24 * 60 * 60;
/// For how long the table of keys can be restored to an earlier moment, and so a destroyed key brought back.
pub const KEYS_RESTORE_SECONDS: i64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_agree_with_each_other() {
        const { assert!(SESSION_TOUCH_SECONDS < SESSION_IDLE_SECONDS_MAX) };
        const { assert!(SESSION_IDLE_SECONDS_MAX < SESSION_AGE_SECONDS_MAX) };
        const { assert!((DOWNLOAD_LINK_SECONDS as i64) < GRANT_MARGIN_SECONDS) };
        const { assert!((GRANT_MARGIN_SECONDS as i32) < GRANT_SECONDS) };
        const { assert!((NOTICE_SEND_SECONDS_MAX as i64) < CLAIM_LEASE_SECONDS) };
        // A queue holds a message back for a quarter of an hour at most.
        const { assert!(FOLD_FILES_SECONDS_MAX <= 15 * 60 && FOLD_LIST_SECONDS_MAX <= 15 * 60) };
        const { assert!(FOLD_MESSAGES_SECONDS_MAX <= 15 * 60) };
        const { assert!(RESEND_AFTER_SECONDS.len() < SENDS_PER_NOTICE_MAX) };
        const { assert!(RETENTION_RUN_DOCUMENTS_MAX <= DOCUMENTS_PER_CLIENT_MAX) };
        const { assert!(REQUEST_REMIND_BEFORE_DAYS.len() + 1 + (REQUEST_REMIND_WEEKS_MAX as usize) <= REQUEST_RUNGS_MAX) };
        // Reminders put and taken, the project, its notice, idempotency, assignment, event and head.
        // Each document with its old and new place in the bin and its work for the index; assignment, event and head.
        const { assert!(DOCUMENTS_PER_WRITE_MAX * 4 + 6 <= 100) };
        const { assert!(MILESTONES_PER_PROJECT_MAX + DUE_DELETES_PER_WRITE_MAX + 6 <= 100) };
    }
}
