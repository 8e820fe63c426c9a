// What scripts of a page say, in its language: what the page brings no words for is said in English.
const MoneyWords = (() => {
  "use strict";
  const brought = document.getElementById("page-words"), words = brought ? JSON.parse(brought.textContent) : {};
  const say = (text, values = {}) =>
    (words[text] || text).replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
  // How this language writes a number: its marks for thousands and for the fraction.
  const example = say("1,234.5"), thousands = example[1], fraction = example[5];
  // Locales are slow to ask, and this is asked for every label of every frame.
  const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, thousands);
  // A form for exactly one and one for every other number, written out whole, as `flows.plural` has it.
  const told = (one, many, number, values = {}) => say(number === 1 ? one : many, { ...values, count: count(number) });
  return { say, count, told, fraction };
})();
