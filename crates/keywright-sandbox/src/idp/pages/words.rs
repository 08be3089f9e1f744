//! The words of the pages in both languages. `{name}` is a placeholder.

/// All words of one language.
pub(crate) struct Words {
    pub(crate) product: &'static str,
    pub(crate) note: &'static str,
    pub(crate) asks: &'static str,
    pub(crate) application: &'static str,
    pub(crate) client_id: &'static str,
    pub(crate) returns_to: &'static str,
    pub(crate) permissions: &'static str,
    pub(crate) no_permissions: &'static str,
    pub(crate) who: &'static str,
    pub(crate) allow: &'static str,
    pub(crate) deny: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) unknown_client: &'static str,
    pub(crate) redirect_uri: &'static str,
    pub(crate) unreadable: &'static str,
    pub(crate) pushed_request: &'static str,
    pub(crate) page_over: &'static str,
    pub(crate) incomplete: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) device: &'static str,
    pub(crate) device_code: &'static str,
    pub(crate) device_hint: &'static str,
    pub(crate) device_unknown: &'static str,
    pub(crate) device_check: &'static str,
    pub(crate) device_next: &'static str,
    pub(crate) device_allowed: &'static str,
    pub(crate) device_denied: &'static str,
    pub(crate) device_done: &'static str,
    pub(crate) sign_out: &'static str,
    pub(crate) sign_out_asks: &'static str,
    pub(crate) signed_out: &'static str,
    pub(crate) signed_out_text: &'static str,
    scopes: [(&'static str, &'static str); 5],
}

impl Words {
    /// What a scope opens, where there are words for it.
    pub(crate) fn scope(&self, name: &str) -> Option<&'static str> {
        let found = self.scopes.iter().find(|(scope, _)| *scope == name);
        found.map(|(_, words)| *words)
    }
}

/// A sentence with its values.
pub(crate) fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut out = sentence.to_owned();
    for (name, value) in values {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

pub(super) const ENGLISH: Words = Words {
    product: "Keywright Sandbox",
    note: "This is the Sandbox on this computer. Its users are made up, and nobody needs a password.",
    asks: "Allow {client} to sign you in?",
    application: "Application",
    client_id: "Client ID",
    returns_to: "Returns to",
    permissions: "Permissions",
    no_permissions: "None",
    who: "Sign in as",
    allow: "Allow",
    deny: "Deny",
    stopped: "Cannot sign in",
    unknown_client: "The Sandbox does not know this client. It may have been deleted, or the Sandbox was \
                     reset. Register the application again, then sign in.",
    redirect_uri: "The redirect URI of the request is not registered for this client. Register it, or \
                   correct the request; the Sandbox does not send the browser to an address that it \
                   does not know.",
    unreadable: "The request cannot be read: a parameter came twice, or the body is not a form. Start \
                 the sign-in again from the application.",
    pushed_request: "The pushed request does not exist, was used before or has expired. Start the \
                     sign-in again from the application.",
    page_over: "This page has expired. Start the sign-in again from the application.",
    incomplete: "Choose a user and then Allow or Deny. Go back to the page and try again.",
    failed: "The Sandbox failed. Start the sign-in again from the application.",
    device: "Connect a device",
    device_code: "Code",
    device_hint: "Enter the code that the device shows.",
    device_unknown: "No device waits with this code. Check the code, or start again on the device.",
    device_check: "Allow only when the device in front of you shows this code.",
    device_next: "Continue",
    device_allowed: "The device may go on",
    device_denied: "The device was denied",
    device_done: "You can close this page.",
    sign_out: "Sign out",
    sign_out_asks: "Sign {user} out of the Sandbox in this browser?",
    signed_out: "Signed out",
    signed_out_text: "Nobody is signed in at the Sandbox in this browser now. Tokens that an \
                      application has stay valid until they expire or are revoked.",
    scopes: [
        ("openid", "Know who you are (an ID token)"),
        ("profile", "See your name"),
        ("email", "See your email address"),
        ("orders:read", "Read the orders of the example API"),
        ("orders:write", "Create orders at the example API"),
    ],
};

pub(super) const JAPANESE: Words = Words {
    product: "Keywright サンドボックス",
    note: "これはこのコンピューター上のサンドボックスです。ユーザーは架空のもので、パスワードは不要です。",
    asks: "{client}によるサインインを許可しますか？",
    application: "アプリケーション",
    client_id: "クライアントID",
    returns_to: "戻り先",
    permissions: "権限",
    no_permissions: "なし",
    who: "サインインするユーザー",
    allow: "許可",
    deny: "拒否",
    stopped: "サインインできません",
    unknown_client: "このクライアントはサンドボックスに登録されていません。削除されたか、サンドボックスがリセットされた可能性があります。\
                     アプリケーションを登録し直してから、サインインしてください。",
    redirect_uri: "要求のリダイレクトURI は、このクライアントに登録されていません。登録するか、要求を直してください。\
                   サンドボックスは、登録されていないアドレスにブラウザーを移動させません。",
    unreadable: "要求を読み取れません。パラメーターが重複しているか、本文がフォームではありません。\
                 アプリケーションからサインインをやり直してください。",
    pushed_request: "プッシュされた要求が存在しないか、使用済みか、有効期限が切れています。\
                     アプリケーションからサインインをやり直してください。",
    page_over: "このページは有効期限が切れました。アプリケーションからサインインをやり直してください。",
    incomplete: "ユーザーを選び、「許可」または「拒否」を選んでください。前のページに戻って、もう一度試してください。",
    failed: "サンドボックスでエラーが発生しました。アプリケーションからサインインをやり直してください。",
    device: "デバイスの接続",
    device_code: "コード",
    device_hint: "デバイスに表示されているコードを入力してください。",
    device_unknown: "このコードで待機しているデバイスはありません。コードを確認するか、デバイスでやり直してください。",
    device_check: "手元のデバイスにこのコードが表示されている場合だけ許可してください。",
    device_next: "続ける",
    device_allowed: "デバイスのサインインを許可しました",
    device_denied: "デバイスのサインインを拒否しました",
    device_done: "このページは閉じてかまいません。",
    sign_out: "サインアウト",
    sign_out_asks: "このブラウザーで{user}をサンドボックスからサインアウトしますか？",
    signed_out: "サインアウトしました",
    signed_out_text: "このブラウザーでは、サンドボックスに誰もサインインしていません。アプリケーションが持つトークンは、\
                      期限が切れるか失効させるまで有効です。",
    scopes: [
        ("openid", "ユーザーの識別（IDトークン）"),
        ("profile", "名前の参照"),
        ("email", "メールアドレスの参照"),
        ("orders:read", "サンプルAPIの注文の読み取り"),
        ("orders:write", "サンプルAPIの注文の作成"),
    ],
};
