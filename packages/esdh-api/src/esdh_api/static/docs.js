// What is folded on the documentation page opens where it is looked at.

const contents = document.getElementById("contents");
const wide = matchMedia("(min-width: 60rem)");

/** Beside the text there is room for the contents; above it, on a phone, they stay folded. */
function fitContents() {
  contents.open = wide.matches;
}

/** A link to a section shows all of it. */
function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  for (const folded of target?.querySelectorAll(":scope > details") ?? []) folded.open = true;
}

wide.addEventListener("change", fitContents);
addEventListener("hashchange", openTarget);
fitContents();
openTarget();
