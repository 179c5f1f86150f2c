// Aim: the camera with the picture of before laid over it, so that the picture of
// afterwards has the same angle. The picture is taken here and goes nowhere else.
import { h, icon, t } from "./words";

export async function aim(before: Blob): Promise<Blob | null> {
  const video = h("video", { playsinline: true, muted: true, autoplay: true }) as HTMLVideoElement;
  const over = h("img.over", { alt: t("aim.before"), src: URL.createObjectURL(before) }) as HTMLImageElement;
  const said = h("p.said", { role: "status" }, t("aim.start"));
  let stream: MediaStream | null = null;
  return new Promise<Blob | null>((done) => {
    const end = (b: Blob | null): void => {
      stream?.getTracks().forEach((x) => x.stop());
      URL.revokeObjectURL(over.src);
      box.remove();
      done(b);
    };
    const shot = h("button.btn.p.lg", { type: "button", id: "shot", hidden: true, onclick: () => {
      const c = document.createElement("canvas");
      c.width = video.videoWidth;
      c.height = video.videoHeight;
      c.getContext("2d")?.drawImage(video, 0, 0);
      c.toBlob((b) => end(b), "image/jpeg", 0.92);
    } }, icon("cam"), t("aim.shot"));
    const box = h("div.aim", { role: "dialog", "aria-modal": "true", "aria-label": t("photo.same") },
      h("div.view", null, video, over), said,
      h("label", null, t("aim.through"), h("input", { type: "range", min: 0, max: 100, value: "45", oninput: (e: any) => { over.style.opacity = String(e.target.value / 100); } })),
      h("div.acts2", null, h("button.btn.lg", { type: "button", onclick: () => end(null) }, t("cancel")), shot));
    box.addEventListener("keydown", (e) => { if (e.key === "Escape") end(null); });
    document.body.append(box);
    (box.querySelector("button") as HTMLElement).focus();
    const media = navigator.mediaDevices;
    if (!media) { said.textContent = t("aim.none"); return; }
    media.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1920 } }, audio: false }).then(
      (s) => { stream = s; video.srcObject = s; video.onloadeddata = () => { said.textContent = t("aim.ready"); shot.hidden = false; shot.focus(); }; },
      () => { said.textContent = t("aim.none"); });
  });
}
