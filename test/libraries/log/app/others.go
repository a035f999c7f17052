package main

import (
	"context"
	"io"

	"github.com/rs/zerolog"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// What only one of them can do.
var specials = map[string]func(context.Context){}

func init() {
	encoder := zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig())
	core := zapcore.NewCore(encoder, zapcore.AddSync(io.Discard), zapcore.InfoLevel)
	z := zap.New(core).Named("shop")
	loggers["zap"] = logger{
		debug: func(_ context.Context, message string) { z.Debug(message, zap.String("secret", "s3cret")) },
		info:  func(_ context.Context, message string) { z.Info(message, zap.String("secret", "s3cret")) },
		warn:  func(_ context.Context, message string) { z.Sugar().Warnw(message, "secret", "s3cret") },
		fail:  func(_ context.Context, message string) { z.Error(message) },
	}
	specials["zap"] = func(context.Context) {
		z.Check(zapcore.DebugLevel, "checked, and filtered").Write()
		if entry := z.Check(zapcore.InfoLevel, "checked"); entry != nil {
			entry.Write(zap.Int("n", 1))
		}
		z.Sugar().Infof("of %d parts", 2)
		z.Named("part").DPanic("it goes on")
		func() {
			defer func() { recover() }()
			z.Panic("panicked")
		}()
	}
	l := zerolog.New(io.Discard).Level(zerolog.InfoLevel)
	loggers["zerolog"] = logger{
		debug: func(_ context.Context, message string) { l.Debug().Str("secret", "s3cret").Msg(message) },
		info:  func(ctx context.Context, message string) { withContext(ctx, l.Info().Str("secret", "s3cret")).Msg(message) },
		warn:  func(_ context.Context, message string) { l.Warn().Msgf("%s", message) },
		fail:  func(_ context.Context, message string) { l.Error().Msg(message) },
	}
	specials["zerolog"] = func(context.Context) {
		l.Info().Str("only", "fields").Send()
		l.Info().Discard().Msg("discarded")
		discarded := l.Info()
		discarded.Discard()
		discarded.Msg("discarded too")
		l.Log().Msg("without a level")
		func() {
			defer func() { recover() }()
			l.Panic().Msg("panicked")
		}()
	}
}
