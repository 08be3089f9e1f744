import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const CORE = '../crates/keywright-core/messages';

/** A Japanese text and where it is. */
type Text = { at: string; text: string };

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}

const window = readdirSync('messages/ja').flatMap((file): Text[] =>
  Object.entries(JSON.parse(readFileSync(`messages/ja/${file}`, 'utf8')) as Record<string, unknown>)
    .filter(([key]) => key !== '$schema')
    .flatMap(([key, value]) => strings(value).map((text) => ({ at: key, text }))),
);

// Each Japanese text of the core is on the line of its `ja:`, behind the English one or below it.
const core = readdirSync(CORE).flatMap((file): Text[] =>
  readFileSync(`${CORE}/${file}`, 'utf8')
    .split('\n')
    .flatMap((line, index): Text[] => {
      const [, text] = /(?:^|[{,]) *ja: *(.*)$/.exec(line) ?? [];
      return text === undefined ? [] : [{ at: `${file}:${index + 1}`, text }];
    }),
);

const GUIDE = '../docs/guide/ja';
const guide = readdirSync(GUIDE).flatMap((file): Text[] =>
  readFileSync(`${GUIDE}/${file}`, 'utf8')
    .split('\n')
    .map((text, index) => ({ at: `${file}:${index + 1}`, text })),
);

const all = [...window, ...core];
const found = (wrong: RegExp, texts = all): Text[] => texts.filter(({ text }) => wrong.test(text));

/** The term, and what else it was called. */
const TERMS: [term: string, other: RegExp][] = [
  ['アプリ', /(?<!エンタープライズ )アプリケーション(?!管理者|の許可)/],
  ['接続設定', /構成(?!要素)/],
  ['クライアント認証情報', /クレデンシャル/],
  ['アイドル', /無操作/],
  ['ローリング', /(?:更新|延長)の上限/],
  ['登録アクセストークン', /登録トークン/],
  ['未確認、または「結果は不明」', /(?<!結果は)不明(?!な|か)/],
  ['ms', /ミリ秒/],
  ['分かる', /わか[らりる]/],
  ['発行者', /イシュア/],
  ['保管庫', /ボールト/],
  [
    'ユーザー、サーバー、ブラウザー',
    /(?:ユーザ|サーバ|ブラウザ|コンピュータ|ヘッダ|パラメータ|プロバイダ|フォルダ)(?!ー)/,
  ],
  ['ください、できる', /下さい|出来[るま]/],
  ['破棄', /片付け/],
  ['中断された操作', /未完了の操作|中断した操作|中断された処理/],
  ['オーディエンス', /対象者/],
  ['認証情報', /(?<!フェデレーション)資格情報/],
  ['クライアント認証情報', /クライアント認証(?:に(?:よる|は)|を使え|で(?!す))/],
  ['タグ', /目印/],
  ['リダイレクト', /転送/],
  ['手動', /手作業/],
  ['仮名', /仮の名前/],
  ['メタデータ', /メタデータ文書|ディスカバリー(?:文書|ドキュメント)/],
  ['Cookie、Bearerトークン', /クッキー|ベアラー/],
  ['パーソナリティ', /パーソナリティー/],
  ['受け付け', /受理/],
];

describe('the Japanese messages of the window and the core', () => {
  it('are all read', () => {
    expect(window.length).toBeGreaterThan(1000);
    expect(core.length).toBeGreaterThan(1000);
  });

  it.each(TERMS)('have one name: %s', (_, other) => {
    expect(found(other)).toEqual([]);
  });

  it.each(TERMS.filter(([term]) => term !== 'アプリ'))('have the same name in the guide: %s', (_, other) => {
    expect(found(other, guide)).toEqual([]);
  });

  it('have no space next to Latin letters', () => {
    // The options of the command line are as they are typed, and so is what is in backquotes.
    const space = /[ぁ-ゖァ-ヺ一-龯々。、）」] (?!-)[A-Za-z0-9%{]|(?<!-[\w-]*)[A-Za-z0-9}%] [ぁ-ゖァ-ヺ一-龯々（「]/;
    const plain = all.map(({ at, text }): Text => ({ at, text: text.replaceAll(/`[^`]*`/g, '``') }));
    expect(found(space, plain)).toEqual([]);
  });

  it('have full-width colons and brackets', () => {
    expect(found(/[ぁ-ゖァ-ヺ一-龯々][:(]/)).toEqual([]);
  });
});
