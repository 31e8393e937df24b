// The way in: by password, by the organisation's issuer, or by a one-time link (`/sign-in#<token>`).
import { Loader, Skeleton, Stack, Text } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { answer, api } from "../api/client";
import { queries } from "../api/queries";
import { meQuery } from "../app/session";
import { useFragmentSecret } from "../kit/fragment";
import { FrontDoor } from "../kit/FrontDoor";
import { IssuerButton } from "./IssuerButton";
import { safeNext } from "./next";
import { NoAccount } from "./NoAccount";
import { wordsOf } from "./refusals";
import { OfferPassword } from "./OfferPassword";
import { PasswordForm } from "./PasswordForm";

const methodsQuery = queryOptions({ queryKey: ["auth", "methods"], queryFn: () => answer(api.GET("/api/auth/methods")), retry: false });

type Stage = { is: "spending" } | { is: "form"; problem: string | null } | { is: "offer"; email: string };

export function SignInPage() {
  const { next, error: refused, signed_out: signedOut } = useSearch({ strict: false });
  const router = useRouter();
  const token = useFragmentSecret();
  const [stage, setStage] = useState<Stage>(token === "" ? { is: "form", problem: refused === undefined ? null : wordsOf(refused) } : { is: "spending" });
  const methods = useQuery(methodsQuery);
  const mayBeIn = token === "" && refused === undefined && signedOut === undefined;
  const before = useQuery({ ...meQuery, enabled: mayBeIn });
  const target = safeNext(next);
  const goOn = useCallback(() => router.history.replace(target), [router, target]);
  /** What the last visitor saw is forgotten before the new one sees anything. */
  const arrive = useCallback(async () => {
    queries.clear();
    return queries.fetchQuery(meQuery);
  }, []);

  const isIn = mayBeIn && stage.is === "form" && before.data?.user != null;
  useEffect(() => {
    if (isIn) goOn();
  }, [isIn, goOn]);

  const spent = useRef("");
  useEffect(() => {
    if (token === "" || spent.current === token) return;
    spent.current = token;
    setStage({ is: "spending" });
    const spend = async () => {
      try {
        await answer(api.POST("/api/auth/sign-in", { body: { token } }));
        const me = await arrive();
        if (me.has_password || me.user === null) goOn();
        else setStage({ is: "offer", email: me.user.email });
      } catch (failure) {
        setStage({ is: "form", problem: failure instanceof Error ? failure.message : String(failure) });
      }
    };
    void spend();
  }, [token, arrive, goOn]);

  if (stage.is === "offer") return <OfferPassword email={stage.email} onDone={goOn} />;
  if (stage.is === "spending") {
    return (
      <FrontDoor title="Signing you in">
        <Loader size="sm" aria-label="Signing you in" />
      </FrontDoor>
    );
  }
  const isWaiting = methods.isPending || (mayBeIn && before.isPending) || isIn;
  return (
    <FrontDoor title="Sign in" keepFocus footer={isWaiting ? undefined : <NoAccount firstRun={methods.data?.first_run ?? false} />}>
      {signedOut !== undefined && stage.problem === null && (
        <Text size="sm" role="status">
          You are signed out.
        </Text>
      )}
      {isWaiting ? (
        <Stack gap="md" aria-busy aria-label="Loading">
          <Skeleton height={58} />
          <Skeleton height={58} />
          <Skeleton height={36} />
        </Stack>
      ) : (
        <>
          <PasswordForm
            problem={stage.problem}
            onSignedIn={async () => {
              await arrive();
              goOn();
            }}
          />
          {methods.data?.oidc != null && <IssuerButton name={methods.data.oidc.name} next={target} />}
        </>
      )}
    </FrontDoor>
  );
}
