// Folders: dropped or chosen whole, each file with the names of its folders before its own, so that two files of one
// name stay apart and a tree stays in its order.
(() => {
  "use strict";
  const NAME_CHARACTERS_MAX = 255;
  // What systems leave in folders for themselves.
  const OWN = /^(\.|thumbs\.db$|desktop\.ini$)/i;

  function named(file, path) {
    const folders = path.split("/").filter((part) => part).slice(0, -1);
    const name = [...folders, file.name].join(" - ");
    return [...name].length <= NAME_CHARACTERS_MAX ? name : file.name;
  }

  const ask = (entry, method) => new Promise((done, failed) => entry[method](done, failed));

  async function walk(entry, found) {
    if (OWN.test(entry.name)) return;
    if (entry.isFile) {
      const file = await ask(entry, "file").catch(() => null);
      if (file) found.push({ file, name: named(file, entry.fullPath) });
      return;
    }
    const reader = entry.createReader();
    // Answers with some at a time, and with none at the end.
    for (let some = await ask(reader, "readEntries"); some.length; some = await ask(reader, "readEntries")) {
      for (const inner of some) await walk(inner, found);
    }
  }

  // What hangs over the page has to be taken up before anything is waited for: it is gone afterwards.
  async function dropped(data) {
    const items = [...data.items].filter((item) => item.kind === "file");
    const entries = items.map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const files = items.map((item) => item.getAsFile());
    const handles = items.map((item) => item.getAsFileSystemHandle ? item.getAsFileSystemHandle().catch(() => null) : null);
    const found = [];
    for (const [at, entry] of entries.entries()) {
      if (entry && entry.isDirectory) await walk(entry, found);
      else if (files[at]) found.push({ file: files[at], name: files[at].name, handle: await handles[at] });
    }
    return found;
  }

  const chosen = (list) => [...list]
    .filter((file) => !file.webkitRelativePath || !file.webkitRelativePath.split("/").some((part) => OWN.test(part)))
    .map((file) => ({ file, name: file.webkitRelativePath ? named(file, file.webkitRelativePath) : file.name }));

  window.porticoFolders = { dropped, chosen };
})();
