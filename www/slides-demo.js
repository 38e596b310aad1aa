// Slides with figures: a figure's own keys come first (embed.js listens before reveal.js), so a clicker walks through
// its beats and then goes on. reveal.js scales slides with CSS; figures are vector, so they stay sharp.
import './embed.js';

const deck = new window.Reveal({ width: 1920, height: 1080, margin: 0, controls: false, hash: true, transition: 'none', center: true });
const tell = () => {
  for (const figure of document.querySelectorAll('highwater-player')) {
    if (deck.getCurrentSlide()?.contains(figure)) figure.load(); else figure.pause();
  }
};
// The line that reveal.js keeps for screen readers only says so to tools, too.
deck.initialize().then(tell).then(() => document.querySelector('.aria-status')?.classList.add('visually-hidden'));
deck.on('slidechanged', tell);
