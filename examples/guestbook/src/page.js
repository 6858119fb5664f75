import {longest} from './entry.js';
import {html} from './html.js';

const dates = new Intl.DateTimeFormat('en-GB', {dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC'});

/** The guestbook: the form, filled with `draft` when there is a `problem` with it, and a page of entries. */
export function guestbookPage(site, {entries, count, older, problem, draft}) {
  return layout(
    site,
    html`<header class="cover">
        <div class="cover-inside">
          <img class="mark" src="${site.assets['icon.svg']}" alt="" width="56" height="56" />
          <h1><a href="/">${site.title}</a></h1>
          <p class="lead">You were here. Leave a line for those who come after you.</p>
          ${form({problem, draft})}
        </div>
      </header>
      <main class="entries">
        <h2>${count === 1 ? '1 entry' : `${count} entries`}</h2>
        ${entries.length > 0 ? entryList(entries) : blank} ${older && olderLink(older)} ${footer(site)}
      </main>`,
  );
}

/** A page that says one thing, such as that there is no such page. */
export function messagePage(site, {heading, text}) {
  return layout(
    site,
    html`<main class="notice">
      <h1>${heading}</h1>
      <p>${text}</p>
      <p><a href="/">Back to the guestbook</a></p>
      ${footer(site)}
    </main>`,
  );
}

function layout({title, version, assets}, body) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="version" content="${version}" />
        <title>${title}</title>
        <link rel="icon" type="image/svg+xml" href="${assets['icon.svg']}" />
        <link rel="stylesheet" href="${assets['style.css']}" />
      </head>
      <body>
        ${body}
      </body>
    </html> `.toString();
}

function form({problem, draft}) {
  return html`<form method="post" action="/entries">
    ${problem && html`<p class="problem" role="alert">${problem}</p>`}
    <label for="name">Your name</label>
    <input
      id="name"
      name="name"
      required
      maxlength="${longest.name}"
      autocomplete="name"
      value="${draft?.name}"
    />
    <label for="message">Your message</label>
    <textarea
      id="message"
      name="message"
      required
      rows="4"
      maxlength="${longest.message}"
      aria-describedby="hint"
    >
${draft?.message}</textarea>
    <p id="hint">Write <code>:wave:</code>, <code>:heart:</code> or <code>:sailboat:</code> for 👋 ❤️ ⛵</p>
    <button>Sign the book</button>
  </form>`;
}

const blank = html`<p class="empty">The page is still blank. The first line is yours.</p>`;

function entryList(entries) {
  return html`<ol>
    ${entries.map(entryItem)}
  </ol>`;
}

function olderLink(id) {
  return html`<p class="older"><a href="/?before=${id}">Older entries</a></p>`;
}

function entryItem({id, name, message, writtenAt, words}) {
  const initial = [...name][0].toUpperCase();
  return html`<li id="entry-${id}">
    <span class="initial hue-${hueOf(name)}" aria-hidden="true">${initial}</span>
    <article>
      <h3 dir="auto">${name}</h3>
      <p class="message" dir="auto">${message}</p>
      <p class="meta">
        <time datetime="${writtenAt}">${dates.format(new Date(writtenAt))} UTC</time>
        <span>${wordsText(words)}</span>
      </p>
    </article>
  </li>`;
}

function footer({version}) {
  return html`<footer>version ${version}</footer>`;
}

/** Entries have no count until the worker has read them. */
function wordsText(words) {
  if (words === undefined) return 'just in';
  return words === 1 ? '1 word' : `${words} words`;
}

/** One of six colours, for one name always the same. */
function hueOf(name) {
  return [...name].reduce((sum, character) => sum + character.codePointAt(0), 0) % 6;
}
