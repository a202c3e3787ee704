// Draws the Markdown of a card's detail. HTML is escaped first, so nothing a service sends becomes markup
// except what is made here: paragraphs, headings, lists, quotes, rules, bold, italics, code and web links.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function markdown(source) {
  const escaped = String(source).replace(/[&<>"']/g, (character) => ESCAPES[character]);
  return blocks(escaped.replace(/\r\n?/g, "\n").split("\n"));
}

function blocks(lines) {
  const out = [];
  let paragraph = [];
  let list = null;
  const flush = () => {
    if (paragraph.length) out.push(`<p>${inline(paragraph.join("\n"))}</p>`);
    if (list) out.push(`<${list.tag}>${list.items.map((item) => `<li>${inline(item)}</li>`).join("")}</${list.tag}>`);
    paragraph = [];
    list = null;
  };
  for (const line of lines) {
    const heading = line.match(/^#{1,6}\s+(.*)$/);
    const bullet = line.match(/^\s*[-*+]\s+(.*)$/);
    const number = line.match(/^\s*\d+[.)]\s+(.*)$/);
    const quote = line.match(/^&gt;\s?(.*)$/);
    if (/^\s*$/.test(line)) flush();
    else if (/^\s*(-{3,}|\*{3,}|_{3,})\s*$/.test(line)) { flush(); out.push("<hr>"); }
    else if (heading) { flush(); out.push(`<h4>${inline(heading[1])}</h4>`); }
    else if (bullet || number) {
      const tag = bullet ? "ul" : "ol";
      if (!list || list.tag !== tag) { flush(); list = { tag, items: [] }; }
      list.items.push((bullet || number)[1]);
    } else if (quote) { flush(); out.push(`<blockquote>${inline(quote[1])}</blockquote>`); }
    else if (list && /^\s+\S/.test(line)) list.items[list.items.length - 1] += `\n${line.trim()}`;
    else { if (list) flush(); paragraph.push(line); }
  }
  flush();
  return out.join("");
}

function inline(text) {
  // Code and links are put aside while the rest is drawn, so that stars and underscores inside them stay.
  const aside = [];
  const keep = (html) => `\u0000${aside.push(html) - 1}\u0000`;
  const link = (url, label) => `<a href="${url}" target="_blank" rel="noopener noreferrer">${label}</a>`;
  return text
    .replace(/\u0000/g, "")
    .replace(/`([^`]+)`/g, (_, code) => keep(`<code>${code}</code>`))
    .replace(/\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g, (_, label, url) => keep(link(url, label)))
    .replace(/https?:\/\/(?:(?!&(?:lt|gt|quot|#39);)[^\s\u0000])*[\w/]/g, (url) => keep(link(url, url)))
    .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
    .replace(/(^|[^*\w])\*([^*\s][^*]*)\*/g, "$1<em>$2</em>")
    .replace(/(^|[^_\w])_([^_\s][^_]*)_(?!\w)/g, "$1<em>$2</em>")
    .replace(/ {2,}\n|\\\n/g, "<br>")
    .replace(/\u0000(\d+)\u0000/g, (_, index) => aside[Number(index)])
    .replace(/\u0000(\d+)\u0000/g, (_, index) => aside[Number(index)]); // code within a link's label
}
