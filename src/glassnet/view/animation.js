// Plays the frames beside it: buttons, slider, space bar and arrow keys. Nothing is fetched.
(async () => {
  const player = document.currentScript.parentElement;
  const find = (selector) => player.querySelector(selector);
  const packed = Uint8Array.from(atob(find(".gn-frames").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const frames = JSON.parse(await new Response(stream).text());
  const last = frames.length - 1;
  const slider = find("input");
  const button = find("[data-play]");
  let timer = 0;

  const show = (step) => {
    const at = Math.min(Math.max(step, 0), last);
    find(".gn-stage").innerHTML = frames[at][0];
    find(".gn-label").textContent = frames[at][1];
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
    }, 1000 * player.dataset.seconds);
  };

  button.onclick = play;
  slider.oninput = () => step(0);
  for (const one of player.querySelectorAll("[data-step]")) {
    one.onclick = () => step(Number(one.dataset.step));
  }
  player.onkeydown = (event) => {
    if (event.target !== player) return; // a button or the slider answers for itself
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) step(by);
    else if (event.key === " ") play();
    else return;
    event.preventDefault();
  };
  find(".gn-bar").hidden = false;
})();
