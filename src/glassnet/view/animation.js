// Plays the drawings: buttons, slider, space bar and arrow keys. Facts: a label for each.
const last = places.length - 1;
const slider = find("input");
const button = find("[data-play]");
let timer = 0;

const show = (step) => {
  const at = Math.min(Math.max(step, 0), last);
  find(".gn-stage").innerHTML = drawing(at);
  find(".gn-label").textContent = facts[at];
  find("output").textContent = `${at} / ${last}`;
  slider.value = at;
  return at;
};
const pause = () => {
  clearInterval(timer);
  timer = 0;
  button.textContent = "▶ play";
  button.setAttribute("aria-label", "play");
};
const step = (by) => {
  pause();
  show(Number(slider.value) + by);
};
const play = () => {
  if (timer) return pause();
  if (Number(slider.value) === last) show(0);
  button.textContent = "❚❚ pause";
  button.setAttribute("aria-label", "pause");
  timer = setInterval(() => {
    if (show(Number(slider.value) + 1) === last) pause();
  }, 1000 * place.dataset.seconds);
};

button.onclick = play;
slider.oninput = () => step(0);
for (const one of place.querySelectorAll("[data-step]")) {
  one.onclick = () => step(Number(one.dataset.step));
}
place.onkeydown = (event) => {
  if (event.target !== place) return; // a button or the slider answers for itself
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) step(by);
  else if (event.key === " ") play();
  else return;
  event.preventDefault();
};
find(".gn-bar").hidden = false;
