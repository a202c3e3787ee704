// Asks the authorization server for a launch, as the EHR does before it opens an app (SMART 2.2 §2.0.3).

/** The message groups that an app was granted (`ui`, `scratchpad`); null before it was granted anything. */
export async function messagingGroups(fhirBase, handle) {
  const answer = await fetch(`${fhirBase}/_services/smart/Messaging`, { method: "POST", body: handle });
  return answer.ok ? (await answer.json()).groups : null;
}

/**
 * Resolves to where the app opens, the origin its messages must come from, and the handle they must carry.
 * `appContext` is opaque to the EHR: it goes to the app with the token, never into an address.
 */
export async function prepareLaunch(fhirBase, link, context, needBanner) {
  const answer = await fetch(`${fhirBase}/_services/smart/Launch`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      launchUrl: link.url,
      parameters: {
        patient: context.patientId,
        encounter: context.encounterId ?? "",
        user: context.userId,
        appContext: link.appContext ?? "",
        need_patient_banner: needBanner,
        smart_messaging_origin: location.origin,
      },
    }),
  });
  if (!answer.ok) throw new LaunchError(`The launch was refused (HTTP ${answer.status}).`);
  const { launch_id: launch, messaging_handle: handle } = await answer.json();
  const url = new URL(link.url);
  url.searchParams.set("iss", fhirBase);
  url.searchParams.set("launch", launch);
  return { url: url.href, origin: url.origin, handle };
}

export class LaunchError extends Error {}
