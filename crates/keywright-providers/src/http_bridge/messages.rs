//! Codes of the messages of this adapter: `messages/http_bridge.yml` in the core has the sentences.

crate::message_code::messages! {
    advice {
        API_KEY = "bridge_api_key",
        CONTRACT = "bridge_contract",
        UPSTREAM = "bridge_upstream",
    }
    finding {
        GUARDED = "bridge_guarded",
        KEY_FORM = "bridge_key_form",
        KEY_REFUSED = "bridge_key_refused",
        KEY_TAKEN = "bridge_key_taken",
        NOT_THERE = "bridge_not_there",
        OPEN = "bridge_open",
    }
    reason {
        BY_EVENT = "bridge_by_event",
        CREATES = "bridge_creates",
        DELETES = "bridge_deletes",
        EVENTS_OFF = "bridge_events_off",
        NEW_SECRET = "bridge_new_secret",
        NO_LIST = "bridge_no_list",
        NO_PATH = "bridge_no_path",
        NO_READ = "bridge_no_read",
        OLD_ENDS = "bridge_old_ends",
        REFRESH_OFF = "bridge_refresh_off",
        SEVERAL = "bridge_several",
    }
    shortfall {
        NO_PLACE = "bridge_no_place",
    }
    step {
        API_KEY = "bridge_api_key",
        BASE_URL = "bridge_base_url",
    }
}
